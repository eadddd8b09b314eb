"""Whether Airflow starts as many tasks as the workers could run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from constructs.capacity.processes import option, task_processes
from constructs.settings.environment import Environment

#: What Airflow starts at once for each scheduler, if airflow.cfg says nothing else (`[core] parallelism`).
DEFAULT_PARALLELISM = 32


def idle_workers(environment: Environment, values: Mapping[str, Any]) -> Iterator[str]:
    """Yield what to write where workers have more places than Airflow fills; `values` are those of helm/values.yaml."""
    airflow, parallelism = environment.airflow, option(values, "core", "parallelism", DEFAULT_PARALLELISM)
    places, schedulers = task_processes(airflow, values), airflow.components.scheduler.replicas
    if parallelism is not None and places > parallelism * schedulers:
        yield (
            f"helm/values.yaml: config.core.parallelism: the workers have places for {places} tasks at once, and "
            f"Airflow starts at most {parallelism} for each scheduler, of which there "
            f"{'is one' if schedulers == 1 else f'are {schedulers}'}; write config: {{core: {{parallelism: "
            f"{-(-places // schedulers)}}}}}, or fewer workers"
        )
