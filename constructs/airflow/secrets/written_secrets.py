"""Kubernetes secrets that are written from Secrets Manager, without passing through any state."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha1

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_kubernetes.secret_v1 import SecretV1
from constructs.naming.component import Component, Ephemeral, Scope


def revision_of(*parts: object) -> int:
    """A number that is another one whenever a part is: for write-only arguments, whose change nobody else notices."""
    return int(sha1("\n".join(map(str, parts)).encode(), usedforsecurity=False).hexdigest()[:7], 16)


def private_key(value: str) -> str:
    """Return Terraform's text of a private key as OpenSSH reads it: not without the end of its last line.

    Args:
        value: expression for what the secret holds, whose line end shells and consoles like to cut off.
    """
    return f'${{format("%s\\n", trimspace({value[2:-1]}))}}'


class WrittenSecrets(Component):
    """Secrets of a namespace, each from an ephemeral read of Secrets Manager into a write-only argument.

    A value is written when its revision changes, at no other time.
    """

    def __init__(self, scope: Scope, id_: str, namespace: str) -> None:
        super().__init__(scope, id_)
        self._namespace = namespace
        self.resources: list[ITerraformDependable] = []
        """All of them, for `depends_on`."""

    def _read(self, name: str, secret_id: str) -> str:
        """Expression for the current value of a secret in Secrets Manager, read anew in every run and never stored."""
        arguments = {"secret_id": secret_id}
        return Ephemeral(self, "aws_secretsmanager_secret_version", name, arguments).attribute("secret_string")

    def _secret(
        self, name: str, kubernetes_name: str, data: Mapping[str, str], revision: int, *, kind: str = "Opaque"
    ) -> None:
        self.resources.append(
            self.add(
                SecretV1,
                name,
                metadata=self._metadata(kubernetes_name),
                type=kind,
                data_wo=dict(data),
                data_wo_revision=revision,
            )
        )

    def _metadata(self, kubernetes_name: str) -> dict[str, object]:
        return {"name": kubernetes_name, "namespace": self._namespace, "labels": self.labels.kubernetes}
