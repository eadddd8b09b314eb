"""A role that pods assume."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from constructs.identity.policy import Statement
from constructs.identity.service_role import ServiceRole, ServiceRoleProps
from constructs.naming.component import Scope

POD_IDENTITY = "pods.eks.amazonaws.com"


@dataclass(frozen=True, kw_only=True)
class PodRoleProps:
    """Inputs of `PodRole`; the rest as in `ServiceRoleProps`."""

    name: str
    iam_name: str | None = None
    description: str
    namespace: str
    service_accounts: Sequence[str]
    policies: Mapping[str, str] = field(default_factory=dict)
    statements: Sequence[Statement] = ()
    permissions_boundary: str | None = None


class PodRole(ServiceRole):
    """A role for pods of this cluster with these service accounts, by EKS Pod Identity.

    Pod Identity names cluster, namespace and service account in the session's tags, and the trust policy holds it to
    them (EKS user guide, "Create IAM role with trust policy required by EKS Pod Identity"): an association that
    somebody adds for other pods gets no credentials.
    """

    def __init__(self, scope: Scope, id_: str, props: PodRoleProps) -> None:
        super().__init__(
            scope,
            id_,
            ServiceRoleProps(
                name=props.name,
                iam_name=props.iam_name,
                service=POD_IDENTITY,
                description=props.description,
                request_tags={
                    "eks-cluster-arn": scope.labels.names.cluster_arn,
                    "kubernetes-namespace": props.namespace,
                    "kubernetes-service-account": list(props.service_accounts),
                },
                policies=props.policies,
                statements=props.statements,
                permissions_boundary=props.permissions_boundary,
            ),
        )
