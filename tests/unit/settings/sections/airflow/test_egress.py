"""What single components may reach."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from constructs.settings.document.problems import Problem
from constructs.settings.environment import Environment

Problems = Callable[[dict[str, str | None]], list[Problem]]
Load = Callable[[dict[str, str | None]], Environment]


def test_destinations_by_component(load: Load) -> None:
    """Each has its own; who is not named reaches nothing more."""
    egress = load(
        {"airflow/egress": "{scheduler: [10.20.0.0/16:4317], api_server: [10.30.0.9/32:8443]}"}
    ).airflow.egress
    assert (egress.scheduler, egress.api_server, egress.triggerer) == (
        ("10.20.0.0/16:4317",),
        ("10.30.0.9/32:8443",),
        (),
    )


def test_the_triggerer_adds_to_a_list(load: Load, problems: Problems) -> None:
    """With task_egress any it reaches everything already."""
    changes: dict[str, str | None] = {"airflow/egress": "{triggerer: [10.20.0.0/16:443]}"}
    (problem,) = problems(changes)
    assert problem.key == "airflow.egress"
    assert "triggers reach everything" in problem.allowed
    assert load({**changes, "airflow/task_egress": "[]"}).airflow.egress.triggerer == ("10.20.0.0/16:443",)


@pytest.mark.parametrize(
    ("egress", "key", "allowed"),
    [
        ("{scheduler: any}", "scheduler", "a list"),
        ("{scheduler: [10.20.0.0/16]}", "scheduler[0]", "an IPv4 range and a TCP port"),
        ("{scheduler: ['10.20.0.1/16:443']}", "scheduler[0]", "an IPv4 range"),
        ("{api_server: ['169.254.169.254/32:80']}", "api_server[0]", "none inside 169.254.0.0/16"),
        ("{workers: []}", "workers", ""),
    ],
)
def test_mistakes(problems: Problems, egress: str, key: str, allowed: str) -> None:
    """As in task_egress; workers have that."""
    (problem,) = problems({"airflow/egress": egress})
    assert problem.key == f"airflow.egress.{key}"
    assert allowed in problem.allowed


def test_no_more_ports_than_a_node_holds(problems: Problems) -> None:
    """At most 20 different ones."""
    entries = ", ".join(f"10.20.0.0/16:{port}" for port in range(1, 22))
    (problem,) = problems({"airflow/egress": f"{{scheduler: [{entries}]}}"})
    assert (problem.key, "21 ports" in problem.received) == ("airflow.egress.scheduler", True)
