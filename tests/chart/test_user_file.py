"""The user's values, where the chart is at hand: refused by its own schema."""

from __future__ import annotations

import configparser
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from constructs.airflow.charts.airflow_chart import VERSION, values_schema
from constructs.airflow.charts.rendering import Rendering
from constructs.airflow.computed_values.release import computed_values
from constructs.airflow.user_values.file import FILE, ComputedValuesError, read_user_values, release_values
from constructs.airflow.user_values.value_names import FILE as NAMES
from constructs.airflow.user_values.value_names import names_text
from constructs.settings.document.problems import EnvironmentFileError, Problem
from helm_python import Chart

from tests.chart.environments import ROOT, environment, props

Refused = Callable[[str], list[Problem]]


def configuration(rendering: Rendering) -> configparser.ConfigParser:
    """Airflow.cfg, read as Airflow reads it."""
    parser = configparser.ConfigParser()
    parser.read_string(rendering.configuration)
    return parser


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
        """The kind of what stands there, and what the schema allows, are in the report."""
        (problem,) = refused("uid: none\n")
        assert (problem.line, problem.key, problem.received) == (1, "uid", "text")
        assert "integer" in problem.allowed

    def test_reports_all_mistakes_in_order(self, refused: Refused) -> None:
        """One run shows everything."""
        problems = refused("statsd:\n  enbled: 1\nuid: none\nredis:\n  safeToEvict: maybe\n")
        assert [(problem.line, problem.key) for problem in problems] == [
            (2, "statsd.enbled"),
            (3, "uid"),
            (5, "redis.safeToEvict"),
        ]

    def test_reports_them_with_what_is_refused_without_the_chart(self, tmp_path: Path, chart_folder: Path) -> None:
        """One run shows everything, and no value of what may be a secret."""
        path = tmp_path / "values.yaml"
        path.write_text(
            "statsd:\n  enbled: 1\nexecutor: x\nuid: none\nenv: [{name: MY_TOKEN, value: hunter2-hunter2, a: 1}]\n",
            encoding="utf-8",
        )
        with pytest.raises(EnvironmentFileError) as caught:
            read_user_values(path, chart_folder)
        assert [(problem.line, problem.key) for problem in caught.value.problems] == [
            (2, "statsd.enbled"),
            (3, "executor"),
            (4, "uid"),
            (5, "env[0].value"),
            (5, "env[0].a"),
        ]
        assert "hunter2" not in str(caught.value)

    def test_of_the_project_fits(self, chart_folder: Path) -> None:
        """By itself, too."""
        assert read_user_values(ROOT / FILE, chart_folder).warnings == []

    def test_may_take_a_default_of_the_charts_away(self, tmp_path: Path, chart_folder: Path) -> None:
        """Null is Helm's word for that, whatever type the value has."""
        path = tmp_path / "values.yaml"
        path.write_text("scheduler:\n  livenessProbe: null\n", encoding="utf-8")
        text = release_values(read_user_values(path), computed_values(props(environment("dev"))), chart_folder)
        assert "livenessProbe: null" in text


class TestAirflowsConfiguration:
    def test_is_what_the_users_file_says(self, tmp_path: Path, chart_folder: Path, chart: Chart) -> None:
        """Numbers and booleans as they are written, beside what the chart and the stack have, in the same sections."""
        path = tmp_path / "values.yaml"
        options = "max_templated_field_length: 40960000, parallelism: 010, load_examples: no"
        variables = "env: [{name: LIMIT, value: 40960000}]\nextraEnv: '[{name: SMALL, value: 1e-7}]'\n"
        path.write_text(f"config: {{core: {{{options}}}}}\n{variables}", encoding="utf-8")
        text = release_values(read_user_values(path), computed_values(props(environment("dev"))), chart_folder)
        rendering = Rendering(chart, yaml.safe_load(text))
        core = configuration(rendering)["core"]
        assert core["max_templated_field_length"] == "40960000"
        assert core["parallelism"] == "010"
        assert core["load_examples"] == "False"
        assert core["hostname_callable"] == "airflow.utils.net.get_host_ip_address"
        (scheduler,) = (c for c in rendering.containers if c.name == "airflow-scheduler/scheduler")
        assert scheduler.variables["LIMIT"] == "40960000"
        assert scheduler.variables["SMALL"] == "1e-7"
        assert scheduler.variables["AWS_DEFAULT_REGION"] == "eu-west-1"

    def test_may_have_every_template_of_the_charts_own(self, tmp_path: Path, chart_folder: Path) -> None:
        """Whoever copies the chart's section is refused what is the stack's, and no template."""
        path = tmp_path / "values.yaml"
        config = yaml.safe_load((chart_folder / "values.yaml").read_text(encoding="utf-8"))["config"]
        path.write_text(yaml.safe_dump({"config": config}), encoding="utf-8")
        with pytest.raises(EnvironmentFileError) as caught:
            read_user_values(path)
        assert {problem.received for problem in caught.value.problems} == {"a value that is not this file's"}


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
        assert NAMES.read_text(encoding="utf-8") == names_text(values_schema(chart_folder), VERSION)
