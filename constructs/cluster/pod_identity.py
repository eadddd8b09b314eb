"""AWS permissions for pods that the platform runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf_cdktf_provider_aws.eks_pod_identity_association import EksPodIdentityAssociation
from constructs.cluster.control_plane import ControlPlane
from constructs.identity.service_role import ServiceRole
from constructs.naming.component import Component, Scope


@dataclass(frozen=True, kw_only=True)
class PodIdentityProps:
    """Inputs of `PodIdentity`."""

    control_plane: ControlPlane
    role: ServiceRole
    namespace: str
    service_accounts: Sequence[str]


class PodIdentity(Component):
    """Lets pods with these service accounts act as the role; neither needs to exist in Kubernetes yet."""

    def __init__(self, scope: Scope, id_: str, props: PodIdentityProps) -> None:
        super().__init__(scope, id_)
        for service_account in props.service_accounts:
            self.add(
                EksPodIdentityAssociation,
                service_account.replace("-", "_"),
                cluster_name=props.control_plane.name,
                namespace=props.namespace,
                service_account=service_account,
                role_arn=props.role.arn,
            )
