"""The checks of the property test find what they are there for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from constructs.checks.synthesized import SynthesizedStack
from constructs.settings.values.terraform_text import terraform_literal

from tests.property.environment_files import NASTY_TEXT
from tests.property.limits import beyond_limits
from tests.property.templates import Piece, literal, pieces, unresolved


def _stack(**blocks: Any) -> SynthesizedStack:
    declared: dict[str, Any] = {"aws_vpc": {"cluster": {}}, "terraform_data": {"memory": {}}}
    resources = {**declared, **blocks.pop("resource", {})}
    ephemeral: dict[str, Any] = {"aws_secretsmanager_random_password": {"admin": {}}}
    document = {"resource": resources, "data": {"aws_region": {"this": {}}}, "ephemeral": ephemeral, **blocks}
    return SynthesizedStack("infrastructure", json.dumps(document))


class TestPieces:
    def test_an_expression_ends_with_its_own_brace(self) -> None:
        """Braces of objects, of quoted text and of templates inside that belong to the expression."""
        assert list(pieces('a ${f({b = "}${c}"})} d')) == [
            Piece("literal", "a "),
            Piece("$", 'f({b = "}${c}"})'),
            Piece("literal", " d"),
        ]

    @pytest.mark.parametrize("text", NASTY_TEXT)
    def test_escaped_text_reads_as_it_was(self, text: str) -> None:
        """What the project escapes comes back the same."""
        assert literal(terraform_literal(text)) == text

    @pytest.mark.parametrize("template", ["${a.b}", "x %{ if true }", "$$$${a}${b}"])
    def test_an_expression_is_no_literal_text(self, template: str) -> None:
        """Text with anything to evaluate has no literal reading."""
        assert literal(template) is None


class TestUnresolved:
    @pytest.mark.parametrize(
        "expression",
        [
            "aws_vpc.cluster.id",
            "data.aws_region.this.name",
            "base64encode(ephemeral.aws_secretsmanager_random_password.admin.random_password)",
            'lookup(terraform_data.memory.output, "aws_vpc.other", "x") == "${aws_vpc.cluster.id}"',
            "alltrue([for name, range in terraform_data.memory.output.subnets : lookup({}, name, range) == range])",
            "aws_vpc.cluster.ipv6[0].id",
        ],
    )
    def test_takes_what_the_stack_declares(self, expression: str) -> None:
        """Resources, data sources and ephemeral blocks, anywhere in an expression; functions and loop variables."""
        assert unresolved(_stack(output={"a": {"value": f"x ${{{expression}}} y"}})) == []

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("${aws_vpc.other.id}", "${aws_vpc.other.id}"),
            ("${data.aws_vpc.cluster.id}", "${data.aws_vpc.cluster.id}"),
            ("${var.password}", "${var.password}"),
            ("${file(path.module)}", "${path.module}"),
            ('${lookup({}, "${aws_vpc.other.id}")}', "${aws_vpc.other.id}"),
            ("%{ if true }yes%{ endif }", "%{ if true }"),
        ],
    )
    @pytest.mark.parametrize("as_key", [False, True], ids=["value", "key"])
    def test_finds_what_it_does_not_declare(self, text: str, found: str, as_key: bool) -> None:  # noqa: FBT001
        """A reference to nothing, and every directive, in a value or in the key of a map."""
        tags = {text: "a"} if as_key else {"a": text}
        stack = _stack(resource={"aws_vpc": {"cluster": {"tags": tags}}})
        assert found in unresolved(stack)

    def test_checks_may_name_their_object_and_folder(self) -> None:
        """`self` and `path` are legal in a condition and its message, and nowhere else; loops reach into texts."""
        condition = '${self.id == join("", [for file in fileset(path.module, "*") : "${file}"])}'
        lifecycle = {"postcondition": [{"condition": condition, "error_message": "${self.id}"}]}
        resource = {"aws_vpc": {"cluster": {"lifecycle": lifecycle, "tags": {"a": "${self.id}"}}}}
        assert unresolved(_stack(resource=resource)) == ["${self.id}"]

    def test_finds_bare_references_to_nothing(self) -> None:
        """`depends_on` and `replace_triggered_by` hold references without `${}`."""
        lifecycle = {"replace_triggered_by": ["aws_vpc.third.id"], "ignore_changes": ["anything"]}
        resource = {"aws_vpc": {"cluster": {"depends_on": ["aws_vpc.other"], "lifecycle": lifecycle}}}
        assert unresolved(_stack(resource=resource)) == ["${aws_vpc.other}", "${aws_vpc.third.id}"]


class TestLimits:
    @pytest.mark.parametrize(
        ("terraform_type", "name", "arguments"),
        [
            ("aws_vpc", "1a", {}),
            ("aws_iam_role", "a", {"name": "r" * 65}),
            ("aws_db_instance", "a", {"identifier": "airflow--dev"}),
            ("aws_vpc", "a", {"tags": {"Team": "a", "team": "b"}}),
            ("aws_vpc", "a", {"tags": {"a": "v" * 257}}),
            ("aws_vpc", "a", {"tags": {str(number): "" for number in range(51)}}),
            ("aws_eks_node_group", "a", {"node_group_name": "a", "labels": {"team": ""}}),
            ("aws_eks_node_group", "a", {"node_group_name": "a", "taint": [{"key": "k" * 64}]}),
            ("aws_iam_role_policy_attachment", "a", {"role": "r"}),
        ],
    )
    def test_finds_what_aws_would_refuse(self, terraform_type: str, name: str, arguments: dict[str, Any]) -> None:
        """Names, tags, labels and numbers of policies beyond a limit, each found as one."""
        named = {name: arguments}
        if terraform_type == "aws_iam_role_policy_attachment":
            named |= {f"{name}{number}": arguments for number in range(10)}
        assert len(beyond_limits(_stack(resource={terraform_type: named}))) == 1
