"""What pods that tasks start may do in AWS, by the service account that they are started with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf_cdktf_provider_aws.eks_pod_identity_association import EksPodIdentityAssociation
from constructs.cluster.control_plane import ControlPlane
from constructs.identity.pod_role import PodRole, PodRoleProps
from constructs.naming.component import Component, Scope
from constructs.naming.names import state_names


@dataclass(frozen=True, kw_only=True)
class LaunchedPodRoleProps:
    """Inputs of `LaunchedPodRole`."""

    control_plane: ControlPlane
    namespace: str
    service_account: str
    policy_arns: Sequence[str]


class LaunchedPodRole(Component):
    """A role with the named policies alone, for pods of Airflow's namespace with one service account."""

    def __init__(self, scope: Scope, id_: str, props: LaunchedPodRoleProps) -> None:
        super().__init__(scope, id_)
        name = f"pod_{props.service_account.replace('-', '_')}"
        role = PodRole(
            self,
            "role",
            PodRoleProps(
                name=name,
                iam_name=self.names.pod_role(props.service_account),
                description=f"Pods that tasks start as {props.service_account}",
                namespace=props.namespace,
                service_accounts=[props.service_account],
                policies=state_names(props.policy_arns),
            ),
        )
        self.add(
            EksPodIdentityAssociation,
            name,
            cluster_name=props.control_plane.name,
            namespace=props.namespace,
            service_account=props.service_account,
            role_arn=role.arn,
        )
