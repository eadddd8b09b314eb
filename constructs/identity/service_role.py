"""A role that one AWS service assumes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from cdktf_cdktf_provider_aws.iam_role_policy_attachment import IamRolePolicyAttachment
from constructs.identity.policy import Statement, policy_document
from constructs.naming.component import Component, Scope


@dataclass(frozen=True, kw_only=True)
class ServiceRoleProps:
    """Inputs of `ServiceRole`."""

    name: str
    """Name in the state and, after the environment's prefix and with hyphens, in IAM."""

    iam_name: str | None = None
    """Another name in IAM, whole."""

    service: str
    """The one principal that may assume the role."""

    description: str
    source_arn: str | None = None
    """Only on behalf of this resource of this account (`aws:SourceArn`; may hold `*`): against the confused deputy.

    None for EC2, which says nothing about whom it acts for (IAM user guide, "The confused deputy problem").
    """

    request_tags: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    """Only with a session that carries these tags."""

    policies: Mapping[str, str] = field(default_factory=dict)
    """Policies to attach: name in the state -> ARN."""

    statements: Sequence[Statement] = ()
    """The role's own inline policy."""

    permissions_boundary: str | None = None
    """ARN of another boundary than the environment's, where it has one."""


class ServiceRole(Component):
    """An IAM role for one AWS service of this account, with attached policies and an inline one."""

    def __init__(self, scope: Scope, id_: str, props: ServiceRoleProps) -> None:
        super().__init__(scope, id_)
        role = self.add(
            IamRole,
            props.name,
            name=props.iam_name or self.names.of(props.name.replace("_", "-")),
            description=props.description,
            assume_role_policy=policy_document(self._trust(props)),
            permissions_boundary=self.labels.permissions_boundary
            and (props.permissions_boundary or self.labels.permissions_boundary),
        )
        granted: list[ITerraformDependable] = [
            self.add(IamRolePolicyAttachment, f"{props.name}_{key}", role=role.name, policy_arn=arn)
            for key, arn in props.policies.items()
        ]
        if props.statements:
            inline = self.add(
                IamRolePolicy,
                props.name,
                name=props.name.replace("_", "-"),
                role=role.id,
                policy=policy_document(*props.statements),
            )
            granted.append(inline)
        self.arn: str = role.arn
        self.name: str = role.name
        self.permissions = granted
        """What has to be in place before the role is of use: for `depends_on`."""

    def _trust(self, props: ServiceRoleProps) -> Statement:
        conditions: dict[str, dict[str, str | Sequence[str]]] = {}
        if props.source_arn:
            conditions = {
                "StringEquals": {"aws:SourceAccount": self.names.account_id},
                "ArnLike": {"aws:SourceArn": props.source_arn},
            }
        if props.request_tags:
            tags = {f"aws:RequestTag/{tag}": value for tag, value in props.request_tags.items()}
            conditions.setdefault("StringEquals", {}).update(tags)
        tag_session = ["sts:TagSession"] if props.request_tags else []
        return Statement(
            sid="AssumedByService",
            actions=["sts:AssumeRole", *tag_session],
            principals={"Service": props.service},
            conditions=conditions,
        )
