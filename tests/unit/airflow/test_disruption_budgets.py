"""Budgets of sets of workers: each pod has one at most."""

from __future__ import annotations

from typing import Any

from constructs.airflow.charts.airflow_chart import pod_labels
from constructs.airflow.disruption_budgets import WorkerBudgets, WorkerBudgetsProps

from tests.unit.trial_stack import TrialStack

WORKER = pod_labels("worker")


def _budgets(stack: TrialStack, **inputs: Any) -> dict[str, dict[str, Any]]:
    WorkerBudgets(stack, "worker-budgets", WorkerBudgetsProps(namespace="airflow", **inputs))
    found: dict[str, dict[str, Any]] = stack.synthesized().resources("kubernetes_pod_disruption_budget_v1")
    return found


class TestWithDefaultConfiguration:
    def test_single_pods_have_none(self, stack: TrialStack) -> None:
        """It would only keep their nodes from being replaced."""
        assert _budgets(stack, default=1, sets={"large": 1, "small": 0}) == {}


class TestWithCustomConfiguration:
    def test_one_of_each_set_may_go_at_a_time(self, stack: TrialStack) -> None:
        """Selected by the label that the chart gives the set's pods."""
        budget = _budgets(stack, default=1, sets={"a-b": 3})["worker_a_b"]
        assert budget["metadata"]["name"] == "airflow-worker-a-b"
        assert budget["metadata"]["namespace"] == "airflow"
        assert budget["spec"] == {
            "max_unavailable": "1",
            "selector": {"match_labels": {**WORKER, "worker-set": "a-b"}},
        }

    def test_the_default_workers_are_those_without_a_set(self, stack: TrialStack) -> None:
        """No pod is in two budgets: Kubernetes would never evict it."""
        selector = _budgets(stack, default=2, sets={"large": 2})["worker"]["spec"]["selector"]
        assert selector == {
            "match_labels": WORKER,
            "match_expressions": [{"key": "worker-set", "operator": "DoesNotExist"}],
        }
