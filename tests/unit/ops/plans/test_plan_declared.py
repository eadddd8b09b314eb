"""What stands in rules and lines for values that are known after apply only."""

from __future__ import annotations

from typing import Any

from ops.plans.reading import read_plan
from tests.unit.ops.recorded_plans import plan_of, resource

KEY = "arn:aws:kms:eu-west-1:111122223333:key/1"


def stack(**resources: Any) -> dict[str, Any]:
    """The JSON of a stack: type -> name -> arguments."""
    return {"resource": resources}


def told(synthesized: dict[str, Any] | None, *resources: dict[str, Any]) -> list[str]:
    """The dangers of the last resource."""
    return list(map(str, read_plan("infrastructure", plan_of(*resources), synthesized=synthesized).changes[-1].dangers))


class TestUnknown:
    def test_launch_template_version_rolls_the_nodes(self) -> None:
        """A template that changes gets a version that nobody knows yet: the node group's pods move all the same."""
        template = resource(
            "aws_launch_template.a",
            "update",
            before={"latest_version": 3},
            after={},
            after_unknown={"latest_version": True},
        )
        before, after = ({"launch_template": [{"id": "lt-1", **more}]} for more in ({"version": "3"}, {}))
        nodes = resource(
            "aws_eks_node_group.a",
            "update",
            before=before,
            after=after,
            after_unknown={"launch_template": [{"version": True}]},
        )
        reference = "${aws_launch_template.a.latest_version}"
        declared = {"launch_template": {"id": "${aws_launch_template.a.id}", "version": reference}}
        said = "its nodes are replaced one after the other, and the pods on them move: another launch template version"
        both = stack(aws_launch_template={"a": {}}, aws_eks_node_group={"a": declared})
        assert told(both, template, nodes) == [f"{said}: 3 -> {reference}"]
        assert told(None, template, nodes) == [f"{said}: 3 -> (known after apply)"]

    def test_policy_is_judged_by_what_is_declared(self) -> None:
        """References in it are looked up in the plan; what stays unknown stands as it is written."""
        key = resource("aws_kms_key.logs", "no-op", after={"arn": KEY}, after_sensitive={})
        text = '{"Statement": [{"Effect": "Allow", "Action": "%s", "Resource": "${%s}"}]}'
        role = resource(
            "aws_iam_role_policy.a",
            "update",
            before={"policy": text.replace("${%s}", KEY) % "kms:Decrypt"},
            after={},
            after_unknown={"policy": True},
        )

        def policy(action: str, reference: str = "aws_kms_key.logs.arn") -> dict[str, Any]:
            return stack(aws_iam_role_policy={"a": {"policy": text % (action, reference)}})

        more = "the role's policy allows more"
        assert told(policy("kms:Decrypt"), key, role) == []
        assert told(policy("kms:*"), key, role) == [f"{more}: kms:Decrypt on {KEY} -> kms:* on {KEY}"]
        assert told(policy("kms:Decrypt", "aws_kms_key.new.arn"), key, role) == [
            f"{more}: kms:Decrypt on {KEY} -> kms:Decrypt on ${{aws_kms_key.new.arn}}"
        ]

    def test_identifier_of_something_replaced_is_no_other_one(self) -> None:
        """A group that is made anew lets in whom it let in: that it is replaced is said of itself."""
        group = resource(
            "aws_security_group.a", "delete", "create", before={"id": "sg-1"}, after={}, after_unknown={"id": True}
        )
        database = resource(
            "aws_db_instance.a",
            "update",
            before={"vpc_security_group_ids": ["sg-1"]},
            after={},
            after_unknown={"vpc_security_group_ids": True},
        )
        declared = {"vpc_security_group_ids": ["${aws_security_group.a.id}"]}
        assert told(stack(aws_db_instance={"a": declared}), group, database) == []

    def test_what_nobody_has_declared_stays_as_it_is(self) -> None:
        """A provider calls its own defaults unknown: those are no change of anybody's."""
        secret = resource(
            "aws_secretsmanager_secret.a",
            "update",
            before={"policy": "", "recovery_window_in_days": 30},
            after={"recovery_window_in_days": 30},
            after_unknown={"policy": True},
        )
        declared = stack(aws_secretsmanager_secret={"a": {"recovery_window_in_days": 30}})
        assert told(declared, secret) == []

    def test_sensitive_values_are_not_looked_up(self) -> None:
        """Also where what refers to them is not called sensitive itself."""
        source = resource("x_y.a", "no-op", after={"word": "s3cr3t"}, after_sensitive={"word": True})
        template = resource(
            "aws_launch_template.a", "update", before={"user_data": "x"}, after={}, after_unknown={"user_data": True}
        )
        declared = stack(aws_launch_template={"a": {"user_data": "${x_y.a.word}"}})
        assert told(declared, source, template) == ["nodes run something else when they start: x -> ${x_y.a.word}"]


def test_the_own_account_may_use_its_own_keys() -> None:
    """A new key is the account's; that of another account is told."""
    statement = '{"Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": {"AWS": "%s"}}]}'
    synthesized = {"provider": {"aws": [{"allowed_account_ids": ["111122223333"]}]}}

    def new_key(account: str) -> dict[str, Any]:
        principal = f"arn:aws:iam::{account}:root"
        return resource("aws_kms_key.a", "create", before=None, after={"policy": statement % principal})

    assert told(synthesized, new_key("111122223333")) == []
    assert told(synthesized, new_key("999988887777")) == [
        "the key's policy allows: (none) -> kms:* on * for arn:aws:iam::999988887777:root"
    ]
