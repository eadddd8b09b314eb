"""Templates for pods of tasks beside the default one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from constructs.settings.document.problems import Problem
from constructs.settings.environment import Environment

Load = Callable[[dict[str, str | None]], Environment]
Problems = Callable[[dict[str, str | None]], list[Problem]]

TASK_PODS = "airflow/task_pods"


def test_are_there_with_a_kubernetes_executor_only(load: Load) -> None:
    """In Celery's workers no task chooses a pod."""
    templates: dict[str, str | None] = {TASK_PODS: '{large: {cpu: "1", memory: 4Gi}}'}
    assert load(templates).airflow.task_pod_templates == {}
    assert load(templates).airflow.task_pod_demands == {}
    airflow = load({**templates, "airflow/executor": '"CeleryExecutor,KubernetesExecutor"'}).airflow
    assert airflow.task_pod_templates["large"].memory == "4Gi"
    assert {name: each.mebibytes for name, each in airflow.task_pod_demands.items()} == {
        "task_pod": 1024,
        "task_pods.large": 4096,
    }


@pytest.mark.parametrize(
    ("written", "key", "allowed"),
    [
        ("{Large: {}}", "airflow.task_pods.Large", "lower-case letters"),
        (
            "{large: {node_pool: nowhere}}",
            "airflow.task_pods.large.node_pool",
            "nothing: there is no cluster.node_pools",
        ),
        ("{large: {replicas: 2}}", "airflow.task_pods.large.replicas", ""),
    ],
    ids=["name", "no such pool", "number"],
)
def test_mistakes_are_named(problems: Problems, written: str, key: str, allowed: str) -> None:
    """A name that is no file's, nodes that are not there, and a number, which the tasks decide."""
    (problem,) = problems({"airflow/executor": "KubernetesExecutor", TASK_PODS: written})
    assert problem.key == key
    assert allowed in problem.allowed
