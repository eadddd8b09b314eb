"""Pods that the file sends to a node pool, as the released chart renders them."""

from __future__ import annotations

from typing import Any

import pytest
from constructs.settings.sections.airflow.executors import EXECUTORS

from tests.chart.conftest import Render

POOLS = {
    "tasks": {
        "instance_families": ["m7g"],
        "limits": {"cpu": 64, "memory": "256Gi"},
        "taints": [{"key": "tasks", "value": "only", "effect": "NoSchedule"}],
    }
}
TOLERATION = {"key": "tasks", "operator": "Equal", "value": "only", "effect": "NoSchedule"}
NOT_DISRUPTED = "karpenter.sh/do-not-disrupt"


def changes(executor: str) -> dict[str, Any]:
    """Default workers, a set and pods of tasks on the pool; the rest where it was."""
    components = {name: {"node_pool": "tasks"} for name in ("workers", "task_pod", "triggerer")}
    sets = {"large": {"queues": ["large"], "node_pool": "tasks"}} if "Celery" in executor else {}
    return {"executor": executor, "components": components, "workers": sets, "node_pools": POOLS}


@pytest.mark.parametrize("executor", EXECUTORS)
def test_go_to_it_and_to_no_other_node(render: Render, executor: str) -> None:
    """Karpenter's label, the pool's taint and no other; all others stay where they are."""
    templates = render("dev", **changes(executor)).templates
    sent = {"airflow-triggerer"}
    sent |= {"airflow-worker", "airflow-worker-large"} if "Celery" in executor else set()
    sent |= {"task"} if "Kubernetes" in executor else set()
    for name, template in templates.items():
        spec = template["spec"]
        there = spec.get("nodeSelector") == {"karpenter.sh/nodepool": "tasks"}
        assert there is (name in sent), name
        assert (TOLERATION in spec.get("tolerations", ())) is (name in sent), name


@pytest.mark.parametrize("executor", EXECUTORS)
def test_what_runs_tasks_is_not_moved(render: Render, executor: str) -> None:
    """Workers of all sets and pods of tasks; nobody else keeps a node from going."""
    for name, template in render("dev", **changes(executor)).templates.items():
        kept = template["metadata"].get("annotations", {}).get(NOT_DISRUPTED)
        assert (kept == "true") is (name == "task" or name.startswith("airflow-worker")), name


def test_without_pools_nothing_is_said_to_karpenter(render: Render) -> None:
    """An environment of node groups alone has no word of it."""
    assert "karpenter" not in render("dev").text
