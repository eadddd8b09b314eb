"""The user's values, where the chart is at hand: refused by its own schema."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from constructs.airflow.chart import VERSION, values_schema
from constructs.airflow.release_values import computed_values
from constructs.airflow.user_values import ComputedValuesError, read_user_values, release_values
from constructs.airflow.value_names import FILE, names_text
from constructs.settings import EnvironmentFileError, Problem

from tests.chart.environments import environment, props

Refused = Callable[[str], list[Problem]]


@pytest.fixture
def refused(tmp_path: Path, chart_folder: Path) -> Refused:
    """What the chart's schema says about a user's file."""

    def problems(content: str) -> list[Problem]:
        path = tmp_path / "values.yaml"
        path.write_text(content, encoding="utf-8")
        with pytest.raises(EnvironmentFileError) as caught:
            release_values(read_user_values(path), computed_values(props(environment("dev"))), chart_folder)
        return caught.value.problems

    return problems


class TestTheUsersFile:
    def test_is_refused_for_an_unknown_name_at_any_depth(self, refused: Refused) -> None:
        """With line and nearest name, also inside a map that the stack adds to."""
        (problem,) = refused("scheduler:\n  livenessProbe:\n    failureTreshold: 3\n")
        assert (problem.line, problem.key) == (3, "scheduler.livenessProbe.failureTreshold")
        assert "did you mean failureThreshold?" in problem.allowed

    def test_is_refused_for_a_value_of_the_wrong_kind(self, refused: Refused) -> None:
        """What stands there and what the schema allows are in the report."""
        (problem,) = refused("uid: none\n")
        assert (problem.line, problem.key, problem.received) == (1, "uid", "'none'")
        assert "integer" in problem.allowed

    def test_reports_all_mistakes_in_order(self, refused: Refused) -> None:
        """One run shows everything."""
        problems = refused("statsd:\n  enbled: 1\nuid: none\nredis:\n  safeToEvict: maybe\n")
        assert [(problem.line, problem.key) for problem in problems] == [
            (2, "statsd.enbled"),
            (3, "uid"),
            (5, "redis.safeToEvict"),
        ]

    def test_may_take_a_default_of_the_charts_away(self, tmp_path: Path, chart_folder: Path) -> None:
        """Null is Helm's word for that, whatever type the value has."""
        path = tmp_path / "values.yaml"
        path.write_text("scheduler:\n  livenessProbe: null\n", encoding="utf-8")
        text = release_values(read_user_values(path), computed_values(props(environment("dev"))), chart_folder)
        assert "livenessProbe: null" in text


class TestWhatTheStackComputes:
    def test_is_not_blamed_on_the_user(self, tmp_path: Path, chart_folder: Path) -> None:
        """A mistake of the project's own is another error, which names the value."""
        path = tmp_path / "values.yaml"
        path.write_text("", encoding="utf-8")
        with pytest.raises(ComputedValuesError, match=r"pgbouncer\.replica: the chart has no such value"):
            release_values(read_user_values(path), {"pgbouncer": {"replica": 2}}, chart_folder)


class TestTheListOfNames:
    def test_is_of_the_charts_schema(self, chart_folder: Path) -> None:
        """What is kept for where there is no chart is up to date; `python -m tooling.chart names` writes it."""
        assert FILE.read_text(encoding="utf-8") == names_text(values_schema(chart_folder), VERSION)
