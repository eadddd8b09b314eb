"""What deploying changes in IAM: the environment's own roles, each within its boundary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from constructs.delivery.reach import Reach
from constructs.identity.policy import Statement

#: Services that the project hands its roles to.
ROLES_FOR = (
    *("ec2.amazonaws.com", "eks.amazonaws.com", "monitoring.rds.amazonaws.com", "pods.eks.amazonaws.com"),
    "vpc-flow-logs.amazonaws.com",
)
#: Services that make a role of their own at their first use in an account.
LINKED_ROLES_FOR = (
    *("autoscaling.amazonaws.com", "eks.amazonaws.com", "eks-nodegroup.amazonaws.com"),
    *("elasticloadbalancing.amazonaws.com", "rds.amazonaws.com"),
)

_MAKE = ("iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy", "iam:DeleteRolePolicy")
#: As many ARNs of policies, however long, as one policy holds.
_MOST_ARNS = 7


def changing_roles(reach: Reach) -> list[Statement]:
    """Return what makes roles with the boundary, and attaches only known policies to them.

    The boundary can't be taken off, and no policy or role beside these can be touched: the roles of workflows, though
    their names begin alike, are none of them.
    """
    bounded = {"iam:PermissionsBoundary": reach.names.permissions_boundary}
    attach = ["iam:AttachRolePolicy", "iam:DetachRolePolicy"]
    named = [
        Statement(
            sid=f"AttachNamedPolicies{number}",
            actions=attach,
            resources=reach.pod_roles,
            conditions={"StringEquals": bounded, "ArnEquals": {"iam:PolicyARN": arns}},
        )
        for number, arns in enumerate(_in_parts(reach.policy_arns), start=1)
    ]
    return [
        Statement(
            sid="MakeBoundedRoles",
            actions=_MAKE,
            resources=reach.roles,
            conditions={"StringEquals": bounded},
        ),
        Statement(
            sid="AttachKnownPolicies",
            actions=attach,
            resources=reach.roles,
            conditions={"StringEquals": bounded, "ArnEquals": {"iam:PolicyARN": reach.managed_policies}},
        ),
        *named,
        Statement(
            sid="ChangeRoles",
            actions=[
                *("iam:DeleteRole", "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole"),
                "iam:UpdateRoleDescription",
            ],
            resources=[*reach.roles, *reach.karpenter_roles],
        ),
        Statement(
            sid="HandOverRoles",
            actions=["iam:PassRole"],
            resources=[*reach.roles, *reach.karpenter_roles],
            conditions={"StringEquals": {"iam:PassedToService": ROLES_FOR}},
        ),
        Statement(
            sid="MakeLinkedRoles",
            actions=["iam:CreateServiceLinkedRole"],
            resources=[reach.names.iam(f"role/aws-service-role/{service}/*") for service in LINKED_ROLES_FOR],
            conditions={"StringEquals": {"iam:AWSServiceName": LINKED_ROLES_FOR}},
        ),
        *(_of_pools(reach) if reach.node_pools else []),
    ]


def _of_pools(reach: Reach) -> list[Statement]:
    """Karpenter's role, with its own boundary, and the instance profile of its nodes."""
    verbs = ("Create{}", "Delete{}", "AddRoleTo{}", "RemoveRoleFrom{}", "Tag{}", "Untag{}")
    return [
        Statement(
            sid="MakeKarpentersRole",
            actions=_MAKE,
            resources=reach.karpenter_roles,
            conditions={"StringEquals": {"iam:PermissionsBoundary": reach.names.karpenter_boundary}},
        ),
        Statement(
            sid="ChangeInstanceProfile",
            actions=[f"iam:{verb.format('InstanceProfile')}" for verb in verbs],
            resources=reach.instance_profiles,
        ),
    ]


def _in_parts(arns: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(arns), _MOST_ARNS):
        yield arns[start : start + _MOST_ARNS]
