"""The evaluator itself: what it says where the answer is known from IAM's documentation."""

from __future__ import annotations

from typing import Any

import pytest

from tests.security.policy_evaluator import Request, UnsupportedPolicyError, allows

BUCKET = "arn:aws:s3:::logs"
ROLE = "arn:aws:sts::111122223333:assumed-role/pods/session"


def policy(*statements: dict[str, Any]) -> list[dict[str, Any]]:
    """One document with these statements, each of which allows unless it says otherwise."""
    return [{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement} for statement in statements]}]


def get(key: str = "a/1.log", **context: str) -> Request:
    """The request for an object of the bucket."""
    return Request(action="s3:GetObject", resource=f"{BUCKET}/{key}", context=context)


class TestStatements:
    def test_nothing_is_allowed_by_nothing(self) -> None:
        """Without a statement that allows it a request is refused."""
        assert not allows([], get())
        assert not allows(policy(), get())

    def test_action_and_resource_have_to_match(self) -> None:
        """Either alone is not enough."""
        assert allows(policy({"Action": "s3:GetObject", "Resource": f"{BUCKET}/*"}), get())
        assert not allows(policy({"Action": "s3:PutObject", "Resource": f"{BUCKET}/*"}), get())
        assert not allows(policy({"Action": ["s3:GetObject"], "Resource": [f"{BUCKET}-2/*", BUCKET]}), get())

    def test_a_denial_wins(self) -> None:
        """One statement that denies outweighs all that allow, in whichever document it stands."""
        allowing = policy({"Action": "s3:*", "Resource": "*"})
        denying = policy({"Effect": "Deny", "Action": "s3:GetObject", "Resource": f"{BUCKET}/secret/*"})
        assert allows([*allowing, *denying], get())
        assert not allows([*allowing, *denying], get("secret/1"))

    def test_wildcards_are_stars_and_question_marks_alone(self) -> None:
        """`*` is any text, `?` one character; actions know no case, a dot and a bracket are themselves."""
        assert allows(policy({"Action": "S3:get*", "Resource": f"{BUCKET}/a/?.log"}), get())
        assert not allows(policy({"Action": "s3:Get*", "Resource": f"{BUCKET}/a/??.log"}), get())
        assert not allows(policy({"Action": "s3:GetObject", "Resource": f"{BUCKET}/a/1.log"}), get("a/1xlog"))
        assert not allows(policy({"Action": "s3:GetObject", "Resource": f"{BUCKET}/[a]/1.log"}), get())

    @pytest.mark.parametrize(
        "statement",
        [
            {"NotAction": "s3:GetObject", "Resource": "*"},
            {"Action": "*", "NotResource": "arn:aws:s3:::other"},
            {"Action": "*", "Resource": "*", "Condition": {"NumericLessThan": {"s3:max-keys": "1"}}},
            {"Action": "*", "Resource": "${aws_s3_bucket.logs.arn}"},
            {"Action": "*", "Resource": "*", "Principal": "somebody"},
        ],
        ids=["not-action", "not-resource", "operator", "reference", "principal"],
    )
    def test_what_it_does_not_know_it_refuses_to_judge(self, statement: dict[str, Any]) -> None:
        """An element, operator or unresolved reference that it doesn't know is an error, never overlooked."""
        with pytest.raises(UnsupportedPolicyError):
            allows(policy(statement), get())


class TestConditions:
    @pytest.mark.parametrize(
        ("operator", "wanted", "given", "holds"),
        [
            ("StringEquals", "airflow-dev", "airflow-dev", True),
            ("StringEquals", "airflow-dev", "airflow-dev-2", False),
            ("StringEquals", "airflow-*", "airflow-dev", False),
            ("StringEquals", ["a", "airflow-dev"], "airflow-dev", True),
            ("StringLike", "airflow-*", "airflow-dev", True),
            ("ArnLike", "arn:aws:eks:*:1:cluster/dev", "arn:aws:eks:eu-west-1:1:cluster/dev", True),
            ("ArnLike", "arn:aws:eks:*:cluster/dev", "arn:aws:eks:eu-west-1:1:cluster/dev", False),
            ("ArnEquals", "arn:aws:ec2:r:1:vpc/vpc-1", "arn:aws:ec2:r:1:vpc/vpc-10", False),
            ("Bool", "false", "False", True),
            ("Bool", "false", "true", False),
            ("Null", "true", "present", False),
            ("Null", "false", "present", True),
        ],
        ids=lambda value: str(value),  # noqa: PLW0108 - str itself takes no place for a callable of one argument here
    )
    def test_operators(self, operator: str, wanted: object, given: str, *, holds: bool) -> None:
        """Each operator holds where IAM's documentation says so; one of several wanted values is enough."""
        document = policy({"Action": "*", "Resource": "*", "Condition": {operator: {"aws:Key": wanted}}})
        assert allows(document, get(**{"aws:key": given})) is holds

    @pytest.mark.parametrize("operator", ["StringEquals", "StringLike", "ArnLike", "ArnEquals", "Bool"])
    def test_a_missing_key_fails(self, operator: str) -> None:
        """A request without the key doesn't match; `Null` alone asks for exactly that."""
        document = policy({"Action": "*", "Resource": "*", "Condition": {operator: {"aws:Key": "*"}}})
        assert not allows(document, get())
        assert allows(policy({"Action": "*", "Resource": "*", "Condition": {"Null": {"aws:Key": "true"}}}), get())

    def test_a_negated_test_holds_without_the_key(self) -> None:
        """`StringNotEquals` fails for one of its values alone; a request without the key passes."""
        document = policy({"Action": "*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:Key": ["a", "b"]}}})
        assert allows(document, get(**{"aws:key": "c"}))
        assert not allows(document, get(**{"aws:key": "b"}))
        assert allows(document, get())

    @pytest.mark.parametrize(
        ("given", "holds"),
        [(("Name", "project"), True), (("Project",), True), ("PROJECT", True), (("Name", "Projects"), False)],
        ids=str,
    )
    def test_one_of_several_values_is_enough(self, given: str | tuple[str, ...], *, holds: bool) -> None:
        """`ForAnyValue` holds if one of the request's values does, and fails where there is none."""
        condition = {"ForAnyValue:StringEqualsIgnoreCase": {"aws:TagKeys": ["project", "stack"]}}
        document = policy({"Action": "*", "Resource": "*", "Condition": condition})
        assert allows(document, Request(action="s3:GetObject", context={"aws:TagKeys": given})) is holds
        assert not allows(document, Request(action="s3:GetObject", context={"aws:TagKeys": ()}))
        assert not allows(document, get())

    @pytest.mark.parametrize(
        ("given", "holds"), [(None, True), ("a", True), (("a", "b"), True), (("a", "c"), False), ("c", False)]
    )
    def test_all_of_several_values(self, given: str | tuple[str, ...] | None, *, holds: bool) -> None:
        """Each has to be one of those that are wanted; none at all passes, as in AWS."""
        context = {} if given is None else {"aws:TagKeys": given}
        statement = {"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}}
        assert (
            allows(
                policy({"Action": "*", "Resource": "*", "Condition": statement}),
                Request(action="s3:GetObject", resource="*", context=context),
            )
            is holds
        )

    @pytest.mark.parametrize(("given", "holds"), [(None, True), ("a", True), ("b", False)])
    def test_equal_where_it_is_there(self, given: str | None, *, holds: bool) -> None:
        """Without the key the test passes."""
        context = {} if given is None else {"aws:RequestTag/a": given}
        statement = {"StringEqualsIfExists": {"aws:RequestTag/a": "a"}}
        assert (
            allows(
                policy({"Action": "*", "Resource": "*", "Condition": statement}),
                Request(action="s3:GetObject", resource="*", context=context),
            )
            is holds
        )

    def test_several_values_need_an_operator_for_them(self) -> None:
        """What IAM says of a set under an operator for one value isn't guessed."""
        document = policy({"Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:TagKeys": "a"}}})
        with pytest.raises(UnsupportedPolicyError):
            allows(document, Request(action="s3:GetObject", context={"aws:TagKeys": ("a", "b")}))

    def test_all_conditions_have_to_hold(self) -> None:
        """Keys of one operator and several operators are joined by and."""
        condition = {"StringEquals": {"a:A": "1", "a:B": "2"}, "Bool": {"a:C": "true"}}
        document = policy({"Action": "*", "Resource": "*", "Condition": condition})
        assert allows(document, get(**{"a:A": "1", "a:B": "2", "a:C": "true"}))
        assert not allows(document, get(**{"a:A": "1", "a:B": "3", "a:C": "true"}))
        assert not allows(document, get(**{"a:A": "1", "a:B": "2", "a:C": "false"}))


class TestPrincipals:
    @pytest.mark.parametrize(
        ("named", "asking", "matches"),
        [
            ({"Service": "eks.amazonaws.com"}, {"Service": "eks.amazonaws.com"}, True),
            ({"Service": "eks.amazonaws.com"}, {"Service": "ec2.amazonaws.com"}, False),
            ({"Service": "eks.amazonaws.com"}, {"AWS": ROLE}, False),
            ({"AWS": "arn:aws:iam::111122223333:root"}, {"AWS": ROLE}, True),
            ({"AWS": "arn:aws:iam::444455556666:root"}, {"AWS": ROLE}, False),
            ({"AWS": "*"}, {"AWS": ROLE}, True),
            ({"AWS": "*"}, {}, False),
            ("*", {}, True),
        ],
        ids=["service", "other-service", "no-service", "account", "other-account", "anyone", "nobody", "public"],
    )
    def test_have_to_be_named(self, named: Any, asking: dict[str, str], *, matches: bool) -> None:
        """A policy at a resource speaks of those it names: a service, an account and whoever is in it, or anyone."""
        document = policy({"Action": "*", "Resource": "*", "Principal": named})
        assert allows(document, Request(action="s3:GetObject", resource=BUCKET, principal=asking)) is matches
