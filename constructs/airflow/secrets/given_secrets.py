"""What the environment file gives pods beside what Airflow needs, as objects in the cluster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf_cdktf_provider_kubernetes.config_map_v1 import ConfigMapV1
from constructs.airflow.secrets import secret_names
from constructs.airflow.secrets.written_secrets import WrittenSecrets, revision_of
from constructs.naming.component import Scope
from constructs.settings.sections.airflow.given import FileSettings, GivenSettings, VariableSettings
from constructs.settings.values.terraform_text import terraform_literal


@dataclass(frozen=True, kw_only=True)
class GivenSecretsProps:
    """Inputs of `GivenSecrets`."""

    namespace: str
    variables: Sequence[VariableSettings]
    files: Sequence[FileSettings]


class GivenSecrets(WrittenSecrets):
    """A Kubernetes secret for each variable and file that comes from Secrets Manager, so that pods get single ones.

    Files whose text the environment file has are in one config map.
    """

    def __init__(self, scope: Scope, id_: str, props: GivenSecretsProps) -> None:
        super().__init__(scope, id_, props.namespace)
        for variable in props.variables:
            self._give(f"environment_{variable.name}", secret_names.given_variable(variable.slug), variable)
        for file in props.files:
            self._give(f"file_{file.name.replace('-', '_')}", secret_names.given_file(file.slug), file)
        texts = {file.name: terraform_literal(file.value) for file in props.files if file.value is not None}
        if texts:
            metadata = self._metadata(secret_names.GIVEN_FILES)
            self.resources.append(self.add(ConfigMapV1, "files", metadata=metadata, data=texts))

    def _give(self, name: str, kubernetes_name: str, given: GivenSettings) -> None:
        if given.secret is None:
            return
        value = self._read(name, given.secret)
        if given.key is not None:
            value = f'${{tostring(jsondecode({value[2:-1]})["{given.key}"])}}'
        revision = revision_of(given.secret, given.key, given.revision)
        self._secret(name, kubernetes_name, {secret_names.GIVEN_KEY: value}, revision)
