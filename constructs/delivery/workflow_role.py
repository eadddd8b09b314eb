"""A role for jobs of one GitHub environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cdktf_cdktf_provider_aws.iam_policy import IamPolicy
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy_attachment import IamRolePolicyAttachment
from constructs.delivery.github_provider import AUDIENCE
from constructs.identity.policy import Statement, fitting_policies, policy_document
from constructs.naming.component import Component, Scope

#: Seconds. A first deploy takes half an hour, an upgrade of Kubernetes or PostgreSQL longer than an hour may do;
#: Terraform can't renew what a job has been given.
LONGEST_SESSION = 14400


@dataclass(frozen=True, kw_only=True)
class WorkflowRoleProps:
    """Inputs of `WorkflowRole`."""

    purpose: str
    """`plan` or `apply`."""

    description: str
    provider_arn: str
    issuer: str
    subject: str
    """What the token has to say of the job."""

    policies: Mapping[str, Sequence[Statement]]
    """Name -> statements. What is too long for one policy goes on in `<name>-2`."""


class WorkflowRole(Component):
    """A role that one GitHub environment of one repository assumes, by GitHub's token, without a stored key."""

    def __init__(self, scope: Scope, id_: str, props: WorkflowRoleProps) -> None:
        super().__init__(scope, id_)
        trust = Statement(
            sid="AssumedByWorkflow",
            actions=["sts:AssumeRoleWithWebIdentity"],
            principals={"Federated": props.provider_arn},
            conditions={"StringEquals": {f"{props.issuer}:aud": AUDIENCE, f"{props.issuer}:sub": props.subject}},
        )
        role = self.add(
            IamRole,
            props.purpose,
            name=self.names.workflow_role(props.purpose),
            description=props.description,
            assume_role_policy=policy_document(trust),
            max_session_duration=LONGEST_SESSION,
        )
        for name, statements in _numbered(props.policies):
            own = f"{props.purpose}_{name}".replace("-", "_")
            policy = self.add(
                IamPolicy,
                own,
                name=f"{self.names.workflow_role(props.purpose)}-{name}",
                description=f"{props.description}: {name}",
                policy=policy_document(*statements),
            )
            self.add(IamRolePolicyAttachment, own, role=role.name, policy_arn=policy.arn)
        self.arn: str = role.arn


def _numbered(policies: Mapping[str, Sequence[Statement]]) -> Iterator[tuple[str, list[Statement]]]:
    """Return the policies by name; who names much, such as secrets of 512 characters, has a second one."""
    for name, statements in policies.items():
        for number, part in enumerate(fitting_policies(statements), start=1):
            yield name if number == 1 else f"{name}-{number}", part
