"""Whether Airflow starts as many tasks as the workers could run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from constructs.settings.environment import Environment

#: What Airflow starts at once for each scheduler, if airflow.cfg says nothing else (`[core] parallelism`).
DEFAULT_PARALLELISM = 32


def idle_workers(environment: Environment, values: Mapping[str, Any]) -> Iterator[str]:
    """Yield what to write where workers have more places than Airflow fills; `values` are those of helm/values.yaml."""
    airflow, parallelism = environment.airflow, _parallelism(values)
    if not airflow.uses_celery or parallelism is None:
        return
    kinds = [airflow.components.workers, *airflow.worker_sets.values()]
    places = sum(kind.replicas * kind.concurrency for kind in kinds)
    schedulers = airflow.components.scheduler.replicas
    if places > parallelism * schedulers:
        yield (
            f"helm/values.yaml: config.core.parallelism: the workers have places for {places} tasks at once, and "
            f"Airflow starts at most {parallelism} for each scheduler, of which there "
            f"{'is one' if schedulers == 1 else f'are {schedulers}'}; write config: {{core: {{parallelism: "
            f"{-(-places // schedulers)}}}}}, or fewer workers"
        )


def _parallelism(values: Mapping[str, Any]) -> int | None:
    """The number in the user's values or Airflow's own; None where it is known only in the pods."""
    found: Any = values
    for key in ("config", "core", "parallelism"):
        found = found.get(key) if isinstance(found, Mapping) else None
    try:
        return DEFAULT_PARALLELISM if found is None else int(str(found))
    except ValueError:
        return None
