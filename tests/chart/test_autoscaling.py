"""Scaled workers and triggerers in the released chart."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from constructs.airflow.charts.rendering import Rendering
from constructs.airflow.secrets import secret_names
from constructs.checks.rendered_release import findings

from tests.chart.conftest import Render
from tests.chart.environments import components, environment
from tests.chart.keda import keda_complaint

SETTINGS: dict[str, Any] = {
    "components": {"workers": {"replicas": 0}, "triggerer": {"autoscaling": {"max": 3}}},
    "workers": {
        "all": {"queues": ["default", "more"], "autoscaling": {"min": 0, "max": 10, "cooldown_seconds": 600}},
        "large": {"queues": ["large"], "concurrency": 2, "autoscaling": {"max": 5, "polling_seconds": 30}},
        "fixed": {"queues": ["fixed"], "replicas": 2},
    },
}


@pytest.fixture
def rendering(render: Render) -> Rendering:
    """A shipped environment in which sets and the triggerer are scaled."""
    return render("dev", **SETTINGS)


def test_each_scaled_deployment_has_its_object(rendering: Rendering) -> None:
    """Between the numbers of the file; a set of a fixed number has none."""
    found = {name: body["spec"] for name, body in rendering.named("ScaledObject").items()}
    between = {name: (spec["minReplicaCount"], spec["maxReplicaCount"]) for name, spec in found.items()}
    assert between == {"airflow-worker-all": (0, 10), "airflow-worker-large": (1, 5), "airflow-triggerer": (1, 3)}
    assert {spec["scaleTargetRef"]["kind"] for spec in found.values()} == {"Deployment"}
    assert all(spec["scaleTargetRef"]["name"] == name for name, spec in found.items())
    assert found["airflow-worker-large"]["pollingInterval"] == 30


def test_the_number_is_kedas_alone(rendering: Rendering) -> None:
    """An upgrade of the release doesn't set it back."""
    deployments = rendering.named("Deployment")
    assert "replicas" not in deployments["airflow-worker-large"]["spec"]
    assert deployments["airflow-worker-fixed"]["spec"]["replicas"] == 2


def test_each_set_counts_its_own_tasks(rendering: Rendering) -> None:
    """By its queues and by its own number of tasks at once."""
    [trigger] = rendering.named("ScaledObject")["airflow-worker-all"]["spec"]["triggers"]
    assert trigger["type"] == "postgresql"
    assert trigger["metadata"]["query"] == (
        "SELECT ceil(COUNT(*)::decimal / 8) FROM task_instance WHERE state IN ('queued', 'running') "
        "AND queue IN ('default', 'more')"
    )
    [trigger] = rendering.named("ScaledObject")["airflow-worker-large"]["spec"]["triggers"]
    assert "/ 2)" in trigger["metadata"]["query"]
    [trigger] = rendering.named("ScaledObject")["airflow-triggerer"]["spec"]["triggers"]
    assert trigger["metadata"]["query"] == "SELECT ceil(COUNT(*)::decimal / 1000) FROM trigger"


def test_tasks_of_the_other_executor_take_no_worker(render: Render) -> None:
    """With both executors those that chose the KubernetesExecutor are not counted."""
    scaled = {"workers": {"autoscaling": {"max": 2}}}
    rendering = render("dev", executor="CeleryExecutor,KubernetesExecutor", components=scaled)
    [trigger] = rendering.named("ScaledObject")["airflow-worker"]["spec"]["triggers"]
    assert trigger["metadata"]["query"].endswith("AND executor IS DISTINCT FROM 'KubernetesExecutor'")


def test_keda_is_given_a_role_of_its_own(rendering: Rendering) -> None:
    """By the URL of a role that reads two tables; the owner's is in no environment variable that KEDA reads."""
    for name, body in rendering.named("ScaledObject").items():
        [trigger] = body["spec"]["triggers"]
        assert trigger["metadata"]["connectionFromEnv"] == "KEDA_DB_CONN", name
        container = next(
            each
            for each in rendering.templates[name]["spec"]["containers"]
            if each["name"] == body["spec"]["scaleTargetRef"]["envSourceContainerName"]
        )
        variable = next(entry for entry in container["env"] if entry["name"] == "KEDA_DB_CONN")
        assert variable["valueFrom"]["secretKeyRef"] == {"name": secret_names.METADATA, "key": "kedaConnection"}


def test_pods_go_when_there_has_been_less_to_do_for_a_while(rendering: Rendering) -> None:
    """The last one, too; how long is the file's to say."""
    spec = rendering.named("ScaledObject")["airflow-worker-all"]["spec"]
    assert spec["cooldownPeriod"] == 600
    behavior = spec["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]
    assert behavior["scaleDown"]["stabilizationWindowSeconds"] == 600


def test_nothing_is_found_wrong(rendering: Rendering) -> None:
    """Every rule of a synth with the chart at hand holds."""
    assert list(findings(rendering, components(environment("dev", **SETTINGS)))) == []


def test_an_environment_without_it_has_nothing_of_it(render: Render) -> None:
    """No object, no variable."""
    rendering = render("dev")
    assert rendering.named("ScaledObject") == {}
    assert not [each.name for each in rendering.containers if "KEDA_DB_CONN" in each.variables]


def test_objects_are_as_keda_defines_them(rendering: Rendering) -> None:
    """Each field is one that KEDA knows; a wrong one would be found."""
    objects = rendering.named("ScaledObject").values()
    assert [keda_complaint(body) for body in objects] == [None] * 3
    body = copy.deepcopy(next(iter(objects)))
    body["spec"]["minReplicas"] = 1
    assert "minReplicas" in (keda_complaint(body) or "")
