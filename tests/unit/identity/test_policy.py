"""Policy documents."""

from __future__ import annotations

import json

from constructs.identity.policy import Statement, policy_document


class TestStatement:
    def test_with_default_configuration(self) -> None:
        """A statement allows, and holds no empty parts, which IAM refuses."""
        statement = Statement(sid="Read", actions=["s3:GetObject"], resources=["arn:aws:s3:::b/*"])
        assert statement.document() == {
            "Sid": "Read",
            "Effect": "Allow",
            "Action": ["s3:GetObject"],
            "Resource": ["arn:aws:s3:::b/*"],
        }

    def test_with_custom_configuration(self) -> None:
        """Principals, conditions and the effect stand in IAM's own words."""
        statement = Statement(
            sid="Tls",
            effect="Deny",
            actions=("s3:*",),
            resources=("arn:aws:s3:::b",),
            principals={"AWS": "*"},
            conditions={"Bool": {"aws:SecureTransport": "false"}},
        )
        assert statement.document() == {
            "Sid": "Tls",
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Action": ["s3:*"],
            "Resource": ["arn:aws:s3:::b"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }

    def test_trust_has_no_resource(self) -> None:
        """A trust policy's statement names no resource: IAM refuses one there."""
        statement = Statement(sid="T", actions=["sts:AssumeRole"], principals={"Service": "eks.amazonaws.com"})
        assert "Resource" not in statement.document()


class TestPolicyDocument:
    def test_is_json_of_the_current_policy_language(self) -> None:
        """Version 2012-10-17, without which policy variables would be plain text, and the statements in order."""
        text = policy_document(Statement(sid="A", actions=["a:A"]), Statement(sid="B", actions=["b:B"]))
        document = json.loads(text)
        assert document["Version"] == "2012-10-17"
        assert [statement["Sid"] for statement in document["Statement"]] == ["A", "B"]

    def test_is_the_same_text_each_time(self) -> None:
        """The same statements give the same bytes, so that no plan shows a change."""
        statement = Statement(sid="A", actions=["a:A"], conditions={"StringEquals": {"b": "c", "a": "d"}})
        assert policy_document(statement) == policy_document(statement)
