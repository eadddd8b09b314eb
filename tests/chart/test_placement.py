"""Where pods run and which of them give way, as the released chart makes it of the settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
import yaml
from constructs.airflow.charts.rendering import Rendering
from constructs.airflow.computed_values.release import computed_values
from constructs.airflow.user_values.file import FILE, UserValues, read_user_values, release_values
from constructs.airflow.values.merge import merged

from tests.chart.environments import ROOT, environment, props

ALL = "CeleryExecutor,KubernetesExecutor"
#: Setting -> workload; `task` are the pods of tasks.
WORKLOADS = {
    "api_server": "airflow-api-server",
    "scheduler": "airflow-scheduler",
    "dag_processor": "airflow-dag-processor",
    "triggerer": "airflow-triggerer",
    "workers": "airflow-worker",
    "pgbouncer": "airflow-pgbouncer",
    "redis": "airflow-redis",
    "statsd": "airflow-statsd",
    "task_pod": "task",
    "cleanup": "airflow-database-cleanup",
}
TAINTS = [{"key": "tasks", "value": "only", "effect": "NO_SCHEDULE"}, {"key": "hot", "effect": "NO_EXECUTE"}]
SELECTOR = {"eks.amazonaws.com/nodegroup": "tasks"}
TOLERATIONS = [
    {"key": "tasks", "operator": "Equal", "value": "only", "effect": "NoSchedule"},
    {"key": "hot", "operator": "Equal", "value": "", "effect": "NoExecute"},
]

RenderValues = Callable[[Mapping[str, Any]], Rendering]


def placing(**settings: dict[str, str]) -> dict[str, Any]:
    """What the stack computes for dev with a second node group, some pods placed."""
    cleanup = settings.pop("cleanup", {})
    changes = {"node_groups": {"tasks": {"taints": TAINTS}}, "components": settings, "cleanup": cleanup}
    return computed_values(props(environment("dev", executor=ALL, **changes)))


def values_of(user: Mapping[str, Any], computed: dict[str, Any]) -> dict[str, Any]:
    """All values, as they reach Helm."""
    read = read_user_values(ROOT / FILE)
    text = release_values(UserValues(document=read.document, values=merged(read.values, user), warnings=()), computed)
    values: dict[str, Any] = yaml.safe_load(text)
    return values


@pytest.mark.parametrize("name", WORKLOADS)
def test_one_component_goes_to_a_group(render_values: RenderValues, name: str) -> None:
    """Its label is asked for and its taints are tolerated, by these pods and by no others."""
    rendering = render_values(values_of({}, placing(**{name: {"node_group": "tasks", "priority": "low"}})))
    placed = {workload for workload, template in rendering.templates.items() if template["spec"].get("nodeSelector")}
    assert placed == {WORKLOADS[name]}
    spec = rendering.templates[WORKLOADS[name]]["spec"]
    assert (spec["nodeSelector"], spec["tolerations"]) == (SELECTOR, TOLERATIONS)
    with_priority = {w for w, template in rendering.templates.items() if "priorityClassName" in template["spec"]}
    assert with_priority == {WORKLOADS[name]}
    assert spec["priorityClassName"] == "airflow-low"
    assert rendering.named("PriorityClass")["airflow-low"]["value"] == -10


def test_no_pod_is_left_out(render_values: RenderValues) -> None:
    """Every workload of the release has a setting that places it."""
    rendering = render_values(values_of({}, placing(cleanup={})))
    assert set(rendering.templates) == set(WORKLOADS.values())


def test_nothing_said_is_nothing_made(render_values: RenderValues) -> None:
    """No priority class, no selector, no toleration."""
    rendering = render_values(values_of({}, placing()))
    assert rendering.named("PriorityClass") == {}
    for template in rendering.templates.values():
        assert not template["spec"].get("nodeSelector")
        assert not template["spec"].get("tolerations")
        assert "priorityClassName" not in template["spec"]


def test_the_environment_is_over_the_shared_file(render_values: RenderValues) -> None:
    """helm/values.yaml still places what the environment doesn't: of a selector one half never remains."""
    user = {
        "nodeSelector": {"workload": "base"},
        "workers": {"celery": {"nodeSelector": {"workload": "other"}, "tolerations": [{"operator": "Exists"}]}},
    }
    rendering = render_values(values_of(user, placing(workers={"node_group": "tasks"})))
    worker = rendering.templates["airflow-worker"]["spec"]
    assert (worker["nodeSelector"], worker["tolerations"]) == (SELECTOR, TOLERATIONS)
    assert rendering.templates["airflow-scheduler"]["spec"]["nodeSelector"] == {"workload": "base"}


def test_classes_of_the_shared_file_are_made_too(render_values: RenderValues) -> None:
    """Both lists; of two classes of one name the user's is made."""
    user = {"priorityClasses": [{"name": "mine", "value": 7}, {"name": "low", "value": -5}]}
    computed = placing(workers={"priority": "low"}, scheduler={"priority": "high"})
    classes = render_values(values_of(user, computed)).named("PriorityClass")
    assert {name: body["value"] for name, body in classes.items()} == {
        "airflow-mine": 7,
        "airflow-low": -5,
        "airflow-high": 1000,
    }
