"""What Airflow presents to the repositories of its bundles, as Kubernetes secrets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from constructs.airflow.secrets import secret_names
from constructs.airflow.secrets.written_secrets import WrittenSecrets, private_key, revision_of
from constructs.naming.component import Scope
from constructs.settings.sections.airflow.dags import BundleSettings
from constructs.settings.values.terraform_text import terraform_literal

#: Kind of connection that the Git provider's hook has (`conn_type`).
_KIND = "git"


@dataclass(frozen=True, kw_only=True)
class BundleSecretsProps:
    """Inputs of `BundleSecrets`."""

    namespace: str
    bundles: Mapping[str, BundleSettings]
    revision: int
    """Another number writes all of them anew."""


class BundleSecrets(WrittenSecrets):
    """A Kubernetes secret for each bundle whose repository is not public: a connection, and beside it a key's files.

    The connection of a key names files (`key_file`, `known_hosts_file`) and demands that the host's key is known: the
    provider's own default is to believe whoever answers first (apache-airflow-providers-git, `GitHook`).
    """

    def __init__(self, scope: Scope, id_: str, props: BundleSecretsProps) -> None:
        super().__init__(scope, id_, props.namespace)
        parts: list[object] = []
        for name, bundle in props.bundles.items():
            secret = bundle.credentials_secret
            if not secret:
                continue
            identifier = f"bundle_{name.replace('-', '_')}"
            value = self._read(identifier, secret)
            data = {secret_names.BUNDLE_CONNECTION: connection(name, bundle, value), **_files(bundle, value)}
            part = (name, secret, props.revision, bundle.token_username, bundle.known_hosts)
            parts.extend(part)
            self._secret(identifier, secret_names.bundle(name), data, revision_of(*part))
        self.revision = revision_of(*parts) if parts else 0
        """Changes with any of them; 0 where all repositories are public."""


def connection(name: str, bundle: BundleSettings, value: str) -> str:
    """Return Terraform's text of a bundle's connection, as Airflow reads it from a variable.

    Args:
        name: the bundle's.
        bundle: what the file says of it.
        value: Terraform's expression for the token; a key is in a file that the connection names.
    """
    if not bundle.uses_ssh:
        pairs = f'"conn_type" = "{_KIND}", "login" = "{bundle.token_username}", "password" = trimspace({value[2:-1]})'
        return f"${{jsonencode({{{pairs}}})}}"
    folder = secret_names.bundle_folder(name)
    extra = {
        "key_file": f"{folder}/{secret_names.BUNDLE_KEY}",
        "known_hosts_file": f"{folder}/{secret_names.BUNDLE_KNOWN_HOSTS}",
        "strict_host_key_checking": "yes",
    }
    return json.dumps({"conn_type": _KIND, "extra": extra})


def _files(bundle: BundleSettings, value: str) -> dict[str, str]:
    if not bundle.uses_ssh:
        return {}
    return {
        secret_names.BUNDLE_KEY: private_key(value),
        secret_names.BUNDLE_KNOWN_HOSTS: terraform_literal(f"{bundle.known_hosts or ''}\n"),
    }
