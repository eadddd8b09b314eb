"""The workers' HPA beside sets of workers."""

from __future__ import annotations

from typing import Any

import pytest
from constructs.airflow.computed_values.release import computed_values
from constructs.airflow.user_values.file import read_user_values, release_values
from constructs.settings.document.problems import EnvironmentFileError

from tests.chart.environments import environment, props
from tests.unit.airflow.conftest import Write

HPA = "workers:\n  celery:\n    hpa:\n      enabled: true\n"
LARGE = {"large": {"queues": ["large"]}}


def _values(write: Write, content: str, **airflow: Any) -> str:
    return release_values(read_user_values(write(content)), computed_values(props(environment("dev", **airflow))))


def test_none_of_their_pods_would_be_scaled(write: Write) -> None:
    """Two autoscalers would count the pods of a set: refused at the line of the switch."""
    with pytest.raises(EnvironmentFileError) as caught:
        _values(write, HPA, workers=LARGE)
    (problem,) = caught.value.problems
    assert (problem.line, problem.key) == (4, "workers.celery.hpa.enabled")
    assert "AmbiguousSelector" in problem.allowed
    assert "airflow.components.workers.replicas: 0" in problem.fix


@pytest.mark.parametrize(
    ("content", "airflow"),
    [
        (HPA, {}),
        (HPA, {"executor": "KubernetesExecutor", "workers": LARGE}),
        (HPA, {"components": {"workers": {"replicas": 0}}, "workers": {"all": {"queues": ["default"]}}}),
        (HPA.replace("true", "false"), {"workers": LARGE}),
        ("workers:\n  celery:\n    hpa:\n", {"workers": LARGE}),
    ],
    ids=["no sets", "no Celery", "sets alone", "off", "nothing"],
)
def test_each_pod_has_one_elsewhere(write: Write, content: str, airflow: dict[str, Any]) -> None:
    """Without default workers each set is counted by itself."""
    assert "hpa:" in _values(write, content, **airflow)
