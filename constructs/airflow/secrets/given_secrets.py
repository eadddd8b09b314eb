"""What the environment file gives pods beside what Airflow needs, as objects in the cluster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_kubernetes.config_map_v1 import ConfigMapV1
from cdktf_cdktf_provider_kubernetes.secret_v1 import SecretV1
from constructs.airflow.secrets import secret_names
from constructs.airflow.secrets.kubernetes_secrets import revision_of
from constructs.naming.component import Component, Ephemeral, Scope
from constructs.settings.sections.airflow.given import FileSettings, GivenSettings, VariableSettings
from constructs.settings.values.terraform_text import terraform_literal


@dataclass(frozen=True, kw_only=True)
class GivenSecretsProps:
    """Inputs of `GivenSecrets`."""

    namespace: str
    variables: Sequence[VariableSettings]
    files: Sequence[FileSettings]


class GivenSecrets(Component):
    """A Kubernetes secret for each variable and file that comes from Secrets Manager, so that pods get single ones.

    Each from an ephemeral read into a write-only argument, written when its revision changes. Files whose text the
    environment file has are in one config map.
    """

    def __init__(self, scope: Scope, id_: str, props: GivenSecretsProps) -> None:
        super().__init__(scope, id_)
        self._namespace = props.namespace
        self.resources: list[ITerraformDependable] = []
        """All of them, for `depends_on`."""
        for variable in props.variables:
            self._secret(f"environment_{variable.name}", secret_names.given_variable(variable.slug), variable)
        for file in props.files:
            self._secret(f"file_{file.name.replace('-', '_')}", secret_names.given_file(file.slug), file)
        texts = {file.name: terraform_literal(file.value) for file in props.files if file.value is not None}
        if texts:
            metadata = self._metadata(secret_names.GIVEN_FILES)
            self.resources.append(self.add(ConfigMapV1, "files", metadata=metadata, data=texts))

    def _secret(self, name: str, kubernetes_name: str, given: GivenSettings) -> None:
        if given.secret is None:
            return
        read = Ephemeral(self, "aws_secretsmanager_secret_version", name, {"secret_id": given.secret})
        value = read.attribute("secret_string")
        if given.key is not None:
            value = f'${{tostring(jsondecode({value[2:-1]})["{given.key}"])}}'
        self.resources.append(
            self.add(
                SecretV1,
                name,
                metadata=self._metadata(kubernetes_name),
                type="Opaque",
                data_wo={secret_names.GIVEN_KEY: value},
                data_wo_revision=revision_of(given.secret, given.key, given.revision),
            )
        )

    def _metadata(self, name: str) -> dict[str, object]:
        return {"name": name, "namespace": self._namespace, "labels": self.labels.kubernetes}
