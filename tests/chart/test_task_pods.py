"""Templates for pods of tasks beside the default one, as the released chart renders them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from constructs.airflow.computed_values.task_pods import FOLDER
from constructs.settings.sections.airflow.executors import EXECUTORS

from tests.chart.conftest import Render
from tests.chart.environments import EVERYTHING
from tests.chart.test_node_pools import NOT_DISRUPTED, POOLS, TOLERATION

WITH_KUBERNETES = [executor for executor in EXECUTORS if "Kubernetes" in executor]
TEMPLATES = {
    "large": {"cpu": "4", "memory": "16Gi", "node_pool": "tasks", "priority": "low"},
    "small": {"cpu": "100m", "memory": "512Mi"},
}


def changes(executor: str, **more: Any) -> dict[str, Any]:
    """The default template on a group of its own, another on a pool, and one that says nothing but its size."""
    groups = {"quiet": {"instance_types": ["m7g.large"], "taints": [{"key": "quiet", "effect": "NO_SCHEDULE"}]}}
    components = {"task_pod": {"node_group": "quiet"}}
    places = {"node_pools": POOLS, "node_groups": groups}
    return {"executor": executor, "components": components, "task_pods": TEMPLATES, **places, **more}


def without_own(template: Mapping[str, Any]) -> dict[str, Any]:
    """A pod without what a template may say of it."""
    [base, *others] = template["spec"]["containers"]
    spec = {**template["spec"], "containers": [{**base, "resources": None}, *others]}
    for key in ("nodeSelector", "tolerations", "priorityClassName"):
        spec.pop(key, None)
    return {**template, "spec": spec}


@pytest.mark.parametrize("more", [{}, EVERYTHING], ids=["shipped", "everything"])
@pytest.mark.parametrize("executor", WITH_KUBERNETES)
def test_have_all_that_the_default_one_has(render: Render, executor: str, more: Mapping[str, Any]) -> None:
    """Git-sync, variables, secrets, security context, account, annotations: all but size, nodes and priority."""
    templates = render("dev", **changes(executor, **more)).templates
    default = without_own(templates["task"])
    assert default["spec"]["serviceAccountName"]
    assert default["metadata"]["annotations"][NOT_DISRUPTED] == "true"
    for name in TEMPLATES:
        assert without_own(templates[f"task-{name}"]) == default, name


def test_have_their_own_size_nodes_and_priority(render: Render) -> None:
    """The pool's selector in place of the group's, the pool's taint alone."""
    spec = render("dev", **changes("KubernetesExecutor")).templates["task-large"]["spec"]
    assert spec["nodeSelector"] == {"karpenter.sh/nodepool": "tasks"}
    assert spec["tolerations"] == [TOLERATION]
    assert spec["priorityClassName"] == "airflow-low"
    assert spec["containers"][0]["resources"]["requests"] == {"cpu": "4", "memory": "16Gi"}


def test_are_where_the_default_one_is_unless_they_say(render: Render) -> None:
    """What names no nodes follows `airflow.components.task_pod`; its size is its own."""
    templates = render("dev", **changes("KubernetesExecutor")).templates
    small, default = templates["task-small"]["spec"], templates["task"]["spec"]
    assert small["nodeSelector"] == default["nodeSelector"] == {"eks.amazonaws.com/nodegroup": "quiet"}
    assert small["tolerations"] == default["tolerations"]
    assert small["containers"][0]["resources"]["requests"]["memory"] == "512Mi"
    assert "priorityClassName" not in small


@pytest.mark.parametrize("executor", WITH_KUBERNETES)
def test_the_scheduler_reads_them_as_files(render: Render, executor: str) -> None:
    """As a folder, which follows a change without a restart; as no hook, so that they go with the release."""
    rendering = render("dev", **changes(executor))
    made = rendering.named("ConfigMap")["airflow-task-pods"]
    assert set(made["data"]) == {"large.yaml", "small.yaml"}
    assert "helm.sh/hook" not in made["metadata"].get("annotations", {})
    spec = rendering.templates["airflow-scheduler"]["spec"]
    [volume] = [each for each in spec["volumes"] if each.get("configMap", {}).get("name") == "airflow-task-pods"]
    [scheduler] = [each for each in spec["containers"] if each["name"] == "scheduler"]
    [mount] = [each for each in scheduler["volumeMounts"] if each["name"] == volume["name"]]
    assert mount["mountPath"] == FOLDER
    assert mount["readOnly"] is True
    assert "subPath" not in mount


def test_do_not_take_the_place_of_given_files(render: Render) -> None:
    """A file of the environment's own is mounted beside them."""
    files = [{"name": "rules", "path": "/opt/airflow/rules.yaml", "value": "a: 1"}]
    spec = render("dev", **changes("KubernetesExecutor", files=files)).templates["airflow-scheduler"]["spec"]
    mounted = {mount["mountPath"] for each in spec["containers"] for mount in each["volumeMounts"]}
    assert {FOLDER, "/opt/airflow/rules.yaml"} <= mounted


def test_without_them_there_is_nothing(render: Render) -> None:
    """No object, no volume; nor without a KubernetesExecutor."""
    assert "task-pods" not in render("dev", executor="KubernetesExecutor").text
    assert "task-pods" not in render("dev", **changes("CeleryExecutor")).text
