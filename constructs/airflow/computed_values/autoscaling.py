"""Values by which KEDA scales workers and triggerers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from constructs.settings.sections.airflow.airflow import AirflowSettings
from constructs.settings.sections.airflow.autoscaling import AutoscalingSettings
from constructs.settings.sections.airflow.component import AutoscaledComponent
from constructs.settings.sections.airflow.components import CeleryWorkers


def of_workers(airflow: AirflowSettings, workers: CeleryWorkers, queues: Sequence[str]) -> dict[str, Any]:
    """Return the key `keda` of a set of workers; empty where their number is fixed.

    Each set is asked for by its own queues and its own number of tasks at once: the chart's query divides by that of
    the default workers. A task that waits for its executor is `queued`, one that waits for its DAG is not counted.
    """
    # A task may choose the KubernetesExecutor, and takes no worker then.
    others = " AND executor IS DISTINCT FROM 'KubernetesExecutor'" if airflow.uses_kubernetes else ""
    listed = ", ".join(f"'{queue}'" for queue in queues)
    # Every part is of the shape that the settings allow.
    query = (
        f"SELECT ceil(COUNT(*)::decimal / {workers.concurrency}) FROM task_instance "  # noqa: S608
        f"WHERE state IN ('queued', 'running') AND queue IN ({listed}){others}"
    )
    return {"keda": {**_between(workers.autoscaling), "query": query}} if workers.autoscaling else {}


def of_triggerer(triggerer: AutoscaledComponent) -> dict[str, Any]:
    """Return the key `keda` of the triggerer; empty where their number is fixed. The chart's own query counts right."""
    return {"keda": _between(triggerer.autoscaling)} if triggerer.autoscaling else {}


def _between(autoscaling: AutoscalingSettings) -> dict[str, Any]:
    behavior = {
        "scaleDown": {
            "stabilizationWindowSeconds": autoscaling.cooldown_seconds,
            "policies": [{"type": "Percent", "value": 100, "periodSeconds": 15}],
        }
    }
    return {
        "enabled": True,
        # By the URL of the role that reads two tables only, which leads through PgBouncer (`connections.scaler_url`);
        # the chart's other way is the URL of the owner, in the environment of every task.
        "usePgbouncer": False,
        "minReplicaCount": autoscaling.min,
        "maxReplicaCount": autoscaling.max,
        "pollingInterval": autoscaling.polling_seconds,
        "cooldownPeriod": autoscaling.cooldown_seconds,
        "advanced": {"horizontalPodAutoscalerConfig": {"behavior": behavior}},
    }
