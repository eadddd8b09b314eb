"""What the search yields."""

from __future__ import annotations

from dataclasses import dataclass

#: Importing one of these reads its value into the state (seen with AWS provider 5.100). Write a new version instead.
NEVER_IMPORTED = frozenset({"aws_secretsmanager_secret_version"})


@dataclass(frozen=True, order=True)
class Found:
    """An object in AWS and the resource that manages it."""

    address: str
    """Address in the stack, `aws_eks_cluster.cluster`."""

    import_id: str
    """What `terraform import` wants for it (provider documentation of each resource, section "Import")."""

    evidence: str
    """For people: how the object was recognized."""


@dataclass(frozen=True, order=True)
class Unrecorded(Found):
    """An object in AWS that the state does not know under its address."""

    @property
    def terraform_type(self) -> str:
        """`aws_eks_cluster` of `aws_eks_cluster.cluster`."""
        return self.address.partition(".")[0]

    @property
    def never_import(self) -> bool:
        """Whether an import would write a secret into the state."""
        return self.terraform_type in NEVER_IMPORTED
