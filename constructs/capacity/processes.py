"""How many processes of Airflow's there may be, and what airflow.cfg says of them; `values` are helm/values.yaml's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from constructs.settings.sections.airflow.airflow import AirflowSettings


def task_processes(airflow: AirflowSettings, values: Mapping[str, Any]) -> int:
    """Return how many processes run tasks for Celery when there are the most workers: `workers.celery.hpa` counts."""
    scaler = _at(values, "workers", "celery", "hpa")
    scaled = isinstance(scaler, Mapping) and scaler.get("enabled") is True
    most = _at(scaler, "maxReplicaCount") if scaled else None
    default = airflow.components.workers
    return sum(
        max(each.count(most=True), most if each is default and isinstance(most, int) else 0) * each.concurrency
        for each in airflow.celery_workers.values()
    )


def option(values: Mapping[str, Any], section: str, name: str, default: int) -> int | None:
    """Return a number of airflow.cfg: the user's, or Airflow's own; None where it is known only in the pods."""
    found = _at(values, "config", section, name)
    try:
        return default if found is None else int(str(found))
    except ValueError:
        return None


def _at(values: Any, *path: str) -> Any:
    for key in path:
        values = values.get(key) if isinstance(values, Mapping) else None
    return values
