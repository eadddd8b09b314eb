"""Who may use the cluster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf_cdktf_provider_aws.eks_access_entry import EksAccessEntry
from cdktf_cdktf_provider_aws.eks_access_policy_association import (
    EksAccessPolicyAssociation,
    EksAccessPolicyAssociationAccessScope,
)
from constructs.cluster.control_plane import ControlPlane
from constructs.naming.component import Component, Scope
from constructs.naming.names import state_names


@dataclass(frozen=True, kw_only=True)
class AccessProps:
    """Inputs of `Access`."""

    control_plane: ControlPlane
    administrators: Sequence[str]
    """ARNs of IAM roles and users."""

    viewers: Sequence[str] = ()
    """ARNs of those who may look at everything, Kubernetes secrets included, and change nothing."""


class Access(Component):
    """An access entry for every administrator and viewer, with AWS's policy for either; nobody else gets in."""

    def __init__(self, scope: Scope, id_: str, props: AccessProps) -> None:
        super().__init__(scope, id_)
        policies = dict.fromkeys(props.viewers, "AmazonEKSAdminViewPolicy")
        policies |= dict.fromkeys(props.administrators, "AmazonEKSClusterAdminPolicy")
        for name, arn in state_names(policies).items():
            entry = self.add(EksAccessEntry, name, cluster_name=props.control_plane.name, principal_arn=arn)
            self.add(
                EksAccessPolicyAssociation,
                name,
                cluster_name=props.control_plane.name,
                principal_arn=entry.principal_arn,
                policy_arn=f"arn:{self.names.partition}:eks::aws:cluster-access-policy/{policies[arn]}",
                access_scope=EksAccessPolicyAssociationAccessScope(type="cluster"),
            )
