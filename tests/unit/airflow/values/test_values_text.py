"""The chart's values on their way into Terraform's JSON."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from constructs.airflow.values.text import Expression, values_text


def read_by_helm(text: str, **known: str) -> Any:
    """What Helm gets: Terraform evaluates the text's templates, then it is YAML."""
    for expression, value in known.items():
        text = text.replace(f"${{{expression}}}", value)
    assert "${" not in text.replace("$${", "")
    assert "%{" not in text.replace("%%{", "")
    return yaml.safe_load(text.replace("$${", "${").replace("%%{", "%{"))


class TestText:
    @pytest.mark.parametrize(
        "user",
        [
            {"env": [{"name": "A", "value": "${aws_db_instance.metadata.password}"}]},
            {"config": {"core": {"x": "%{ if true }x%{ endif }"}}},
            {"airflowLocalSettings": "a = 1\nb = f'${a}'\n"},
            {"podTemplate": "$${already}"},
            {"labels": {"${key}": "value", "%{key}": "value"}},
            {"priorityClasses": [["${a}", {"b": "${c}"}]]},
            {"value": "%${mixed}", "other": "$%{mixed}"},
        ],
        ids=["env", "directive", "lines", "doubled", "names", "lists", "mixed"],
    )
    def test_reaches_the_chart_as_it_is(self, user: dict[str, Any]) -> None:
        """No text of a user's is an expression or directive of Terraform's."""
        assert read_by_helm(values_text(user)) == user

    def test_of_an_expression_is_evaluated(self) -> None:
        """The stack's own expressions reach Terraform untouched, beside text that does not."""
        text = values_text({"a": Expression("s3://${bucket}/logs"), "b": "${other}"})
        assert read_by_helm(text, bucket="x") == {"a": "s3://x/logs", "b": "${other}"}

    def test_that_yaml_would_change_is_no_expression(self) -> None:
        """Inside quotes Terraform would read the escape marks of YAML."""
        with pytest.raises(ValueError, match="no plain text in YAML"):
            values_text({"a": Expression('${x["y"]}: \t "')})

    def test_is_the_same_for_the_same_values(self) -> None:
        """The order in which keys were written says nothing, so it changes no release."""
        first, second = {"a": {"b": 1, "c": 2}, "d": [2, 1]}, {"d": [2, 1], "a": {"c": 2, "b": 1}}
        assert values_text(first) == values_text(second)

    def test_of_several_lines_stays_readable(self) -> None:
        """A certificate in a plan looks like one."""
        text = values_text({"ca": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"})
        assert "ca: |\n  -----BEGIN CERTIFICATE-----\n  MIIB\n" in text

    def test_of_a_long_line_is_not_folded(self) -> None:
        """Terraform reads an expression in one piece."""
        long = " ".join(["word"] * 100)
        assert values_text({"a": long}) == f"a: {long}\n"
