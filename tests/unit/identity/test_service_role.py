"""Roles of AWS services."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.vpc import Vpc
from constructs.identity.policy import Statement
from constructs.identity.service_role import ServiceRole, ServiceRoleProps
from constructs.naming.component import Component

from tests.unit.trial_stack import TrialStack

SOURCE = "arn:aws:eks:eu-west-1:111122223333:cluster/airflow-dev"


def _props(**changes: object) -> ServiceRoleProps:
    arguments: dict[str, object] = {"name": "flow_logs", "service": "vpc-flow-logs.amazonaws.com", "description": "d"}
    return ServiceRoleProps(**(arguments | changes))  # type: ignore[arg-type]  # a test changes any of them


class TestServiceRole:
    def test_with_default_configuration(self, stack: TrialStack) -> None:
        """A role without any permission, named after the environment, that one service may assume."""
        role = ServiceRole(stack, "role", _props())
        assert stack.synthesized().addresses == ["aws_iam_role.flow_logs"]
        assert stack.resource("aws_iam_role.flow_logs")["name"] == "airflow-dev-flow-logs"
        assert stack.statements("aws_iam_role.flow_logs", "assume_role_policy") == {
            "AssumedByService": {
                "Sid": "AssumedByService",
                "Effect": "Allow",
                "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
                "Action": ["sts:AssumeRole"],
            }
        }
        assert role.permissions == []

    def test_acts_for_the_named_resource_of_this_account_only(self, stack: TrialStack) -> None:
        """With a source ARN the trust names account and resource: the confused deputy of another account is refused."""
        ServiceRole(stack, "role", _props(source_arn=SOURCE))
        trust = stack.statements("aws_iam_role.flow_logs", "assume_role_policy")["AssumedByService"]
        assert trust["Condition"] == {
            "StringEquals": {"aws:SourceAccount": "111122223333"},
            "ArnLike": {"aws:SourceArn": SOURCE},
        }

    def test_a_session_with_tags(self, stack: TrialStack) -> None:
        """A role for sessions with certain tags demands them, and only then the service may set tags."""
        ServiceRole(stack, "role", _props(request_tags={"kubernetes-namespace": "airflow"}))
        trust = stack.statements("aws_iam_role.flow_logs", "assume_role_policy")["AssumedByService"]
        assert trust["Action"] == ["sts:AssumeRole", "sts:TagSession"]
        assert trust["Condition"] == {"StringEquals": {"aws:RequestTag/kubernetes-namespace": "airflow"}}

    def test_attaches_policies_under_readable_names(self, stack: TrialStack) -> None:
        """Each policy is one attachment `<role>_<key>`; the role attaches, the policy stays whose it is."""
        ServiceRole(stack, "role", _props(policies={"eks": "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"}))
        assert stack.resource("aws_iam_role_policy_attachment.flow_logs_eks") == {
            "role": "${aws_iam_role.flow_logs.name}",
            "policy_arn": "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy",
        }

    def test_statements_become_the_inline_policy(self, stack: TrialStack) -> None:
        """The role's own statements live and die with the role."""
        ServiceRole(stack, "role", _props(statements=[Statement(sid="A", actions=["a:A"], resources=["r"])]))
        inline = stack.resource("aws_iam_role_policy.flow_logs")
        assert (inline["name"], inline["role"]) == ("flow-logs", "${aws_iam_role.flow_logs.id}")
        assert stack.statements("aws_iam_role_policy.flow_logs")["A"]["Action"] == ["a:A"]

    def test_permissions_are_what_to_wait_for(self, stack: TrialStack) -> None:
        """Whatever uses the role can wait for all that it may do, attached and inline."""
        policies = {"one": "arn:aws:iam::aws:policy/One", "two": "arn:aws:iam::aws:policy/Two"}
        statements = [Statement(sid="A", actions=["a:A"], resources=["r"])]
        role = ServiceRole(stack, "role", _props(policies=policies, statements=statements))
        Component(stack, "user").add(Vpc, "user", cidr_block="10.0.0.0/16", depends_on=role.permissions)
        assert sorted(stack.resource("aws_vpc.user")["depends_on"]) == [
            "aws_iam_role_policy.flow_logs",
            "aws_iam_role_policy_attachment.flow_logs_one",
            "aws_iam_role_policy_attachment.flow_logs_two",
        ]
