from __future__ import annotations

import json
from typing import Any

import pytest
from constructs.checks.synthesized import SynthesizedStack

from ops.report.identities import Role, roles

ARN = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:airflow-dev/jwt-AbCdEf"
TRUST = {"Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}}


def role(*statements: dict[str, Any], trust: dict[str, Any] = TRUST) -> Role:
    """A role with one policy of its own."""
    resources = {
        "aws_iam_role": {"node": {"name": "airflow-dev-node", "assume_role_policy": json.dumps(trust)}},
        "aws_iam_role_policy": {
            "node": {"role": "${aws_iam_role.node.id}", "policy": json.dumps({"Statement": list(statements)})}
        },
        "aws_iam_role_policy_attachment": {
            "node": {
                "role": "${aws_iam_role.node.name}",
                "policy_arn": "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy",
            }
        },
    }
    [found] = roles(SynthesizedStack("infrastructure", json.dumps({"resource": resources})))
    return found


def allow(action: str, resource: str, **more: Any) -> dict[str, Any]:
    """A statement."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


class TestReads:
    @pytest.mark.parametrize(
        ("statement", "answer"),
        [
            (allow("secretsmanager:GetSecretValue", ARN), "yes"),
            (allow("*", "*"), "yes"),
            (allow("secretsmanager:get*", "arn:aws:secretsmanager:*:*:secret:airflow-dev/*"), "yes"),
            (allow("secretsmanager:DescribeSecret", "*"), ""),
            (allow("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:*:*:secret:airflow-prod/*"), ""),
            (allow("secretsmanager:*", "*", Condition={"Bool": {"aws:SecureTransport": "true"}}), "under conditions"),
            ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, "under conditions"),
        ],
    )
    def test_says_what_a_policy_allows(self, statement: dict[str, Any], answer: str) -> None:
        """Patterns of actions and names as IAM reads them; what can't be told for sure is called conditional."""
        assert role(statement).reads(ARN) == answer

    def test_heeds_what_is_denied(self) -> None:
        """A denial wins; one with conditions leaves conditions."""
        denied = {"Effect": "Deny", "Action": "secretsmanager:*", "Resource": "*"}
        sometimes = {**denied, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
        assert role(allow("*", "*"), denied).reads(ARN) == ""
        assert role(allow("*", "*"), sometimes).reads(ARN) == "under conditions"

    def test_lists_every_name_that_may_be_read(self) -> None:
        """Whether it is a secret of the environment or not; of other services nothing."""
        others = allow("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:*:*:secret:acme/*")
        assert role(others, allow("s3:*", "arn:aws:s3:::x/*")).readable == {others["Resource"]}


class TestRoles:
    def test_are_taken_by_a_service(self) -> None:
        """As the trust policy says; policies of AWS's own are told by their name, for their text is not here."""
        found = role()
        assert (found.taken_by, found.policies) == ("ec2.amazonaws.com", ["AmazonEKSWorkerNodePolicy"])

    def test_are_taken_by_pods(self) -> None:
        """By namespace and service account, which Pod Identity puts into the session."""
        tags = {
            "aws:RequestTag/kubernetes-namespace": "airflow",
            "aws:RequestTag/kubernetes-service-account": ["a", "b"],
        }
        statement = {**TRUST["Statement"], "Principal": {"Service": "pods.eks.amazonaws.com"}}
        trust = {"Statement": [{**statement, "Condition": {"StringEquals": tags}}]}
        assert role(trust=trust).taken_by == "pods of airflow with service account a, b"
