"""How many workers may be evicted at once, where there are several sets of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cdktf_cdktf_provider_kubernetes.pod_disruption_budget_v1 import PodDisruptionBudgetV1
from constructs.airflow.charts.airflow_chart import WORKER_SET_LABEL, pod_labels, worker_name
from constructs.naming.component import Component, Scope


@dataclass(frozen=True, kw_only=True)
class WorkerBudgetsProps:
    """Inputs of `WorkerBudgets`."""

    namespace: str
    default: int
    """How many default workers there are."""

    sets: Mapping[str, int]
    """Set of workers -> how many there are."""


class WorkerBudgets(Component):
    """One budget for each set of several workers: nodes are drained of one at a time.

    In place of the chart's: its budget for the default workers selects those of every set, and a pod with two budgets
    is never evicted (https://kubernetes.io/docs/tasks/run-application/configure-pdb/).
    """

    def __init__(self, scope: Scope, id_: str, props: WorkerBudgetsProps) -> None:
        super().__init__(scope, id_)
        self._namespace = props.namespace
        if props.default > 1:
            default = {"match_expressions": [{"key": WORKER_SET_LABEL, "operator": "DoesNotExist"}]}
            self._budget(worker_name(), default)
        for name, count in props.sets.items():
            if count > 1:
                self._budget(worker_name(name), {"match_labels": {WORKER_SET_LABEL: name}})

    def _budget(self, name: str, selector: Mapping[str, Any]) -> None:
        labels = {**pod_labels("worker"), **selector.get("match_labels", {})}
        self.add(
            PodDisruptionBudgetV1,
            name.removeprefix("airflow-").replace("-", "_"),
            metadata={"name": name, "namespace": self._namespace, "labels": self.labels.kubernetes},
            spec={"max_unavailable": "1", "selector": {**selector, "match_labels": labels}},
        )
