"""What Karpenter, which `platform` runs, needs in AWS: to start nodes, and to hear of those that AWS takes away."""

from __future__ import annotations

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.eks_access_entry import EksAccessEntry
from cdktf_cdktf_provider_aws.iam_instance_profile import IamInstanceProfile
from constructs.cluster.control_plane import ControlPlane
from constructs.cluster.interruption_queue import InterruptionQueue
from constructs.cluster.karpenter_names import NAMESPACE, SERVICE_ACCOUNT
from constructs.cluster.karpenter_permissions import KarpenterPermissions
from constructs.cluster.node_group import NodeRole
from constructs.cluster.pod_identity import PodIdentity, PodIdentityProps
from constructs.identity.pod_role import PodRole, PodRoleProps
from constructs.naming.component import Component, Scope


@dataclass(frozen=True, kw_only=True)
class KarpenterProps:
    """Inputs of `Karpenter`."""

    control_plane: ControlPlane
    uses_spot: bool = False
    volume_kms_key_arn: str | None = None
    """None: the account's key for EBS."""


class Karpenter(Component):
    """A role for the controller by Pod Identity, a role with instance profile and access entry for its nodes, a queue.

    The instance profile is Terraform's, so that Karpenter makes none and may make none.
    """

    def __init__(self, scope: Scope, id_: str, props: KarpenterProps) -> None:
        super().__init__(scope, id_)
        node_role = NodeRole(self, "node-role", name="karpenter_node", description="Nodes that Karpenter starts")
        self.add(IamInstanceProfile, "karpenter_node", name=self.names.karpenter_node, role=node_role.name)
        # EKS makes one for the roles of managed groups by itself, and so for no other.
        self.add(
            EksAccessEntry,
            "karpenter_node",
            cluster_name=props.control_plane.name,
            principal_arn=node_role.arn,
            type="EC2_LINUX",
        )
        queue = InterruptionQueue(self, "queue")
        permissions = KarpenterPermissions(
            names=self.names,
            node_role_arn=node_role.arn,
            queue_arn=queue.arn,
            uses_spot=props.uses_spot,
            volume_kms_key_arn=props.volume_kms_key_arn,
        )
        role = PodRole(
            self,
            "role",
            PodRoleProps(
                name="karpenter",
                description="Karpenter",
                namespace=NAMESPACE,
                service_accounts=[SERVICE_ACCOUNT],
                statements=permissions.statements(),
                permissions_boundary=self.names.karpenter_boundary,
            ),
        )
        PodIdentity(
            self,
            "pod-identity",
            PodIdentityProps(
                control_plane=props.control_plane, role=role, namespace=NAMESPACE, service_accounts=[SERVICE_ACCOUNT]
            ),
        )
