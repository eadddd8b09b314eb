"""How many processes of Airflow's there may be, and what airflow.cfg says of them; `values` are helm/values.yaml's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from constructs.airflow.values.places import map_at, value_at
from constructs.settings.sections.airflow.airflow import AirflowSettings


def task_processes(airflow: AirflowSettings, values: Mapping[str, Any]) -> int:
    """Return how many processes run tasks for Celery when there are the most workers: `workers.celery.hpa` counts."""
    scaler = map_at(("workers", "celery", "hpa"), values)
    most = scaler.get("maxReplicaCount") if scaler.get("enabled") is True else None
    default = airflow.components.workers
    return sum(
        max(each.count(most=True), most if each is default and isinstance(most, int) else 0) * each.concurrency
        for each in airflow.celery_workers.values()
    )


def option(values: Mapping[str, Any], section: str, name: str, default: int) -> int | None:
    """Return a number of airflow.cfg: the user's, or Airflow's own; None where it is known only in the pods."""
    found = value_at(("config", section, name), values)
    try:
        return default if found is None else int(str(found))
    except ValueError:
        return None
