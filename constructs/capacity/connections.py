"""Whether PgBouncer takes as many connections as Airflow's processes open at the most."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from constructs.capacity.processes import option, task_processes
from constructs.settings.environment import Environment
from constructs.settings.sections.airflow.pgbouncer import MOST_CLIENTS

#: Options of airflow.cfg and what they are if nothing else is said.
_WORKERS, _POOL, _OVERFLOW = (
    ("api", "workers", 1),
    ("database", "sql_alchemy_pool_size", 5),
    ("database", "sql_alchemy_max_overflow", 10),
)


def refused_clients(environment: Environment, values: Mapping[str, Any]) -> Iterator[str]:
    """Yield what to write where PgBouncer would turn processes away; `values` are those of helm/values.yaml.

    A process of Airflow's has a pool of connections, one of the api-server a second one for asyncio. Each process that
    runs a task for Celery has one connection, for its result, as long as it lives (`SessionManager.get_engine` of
    Celery 5), and each scheduler one to read them.
    """
    airflow, components = environment.airflow, environment.airflow.components
    api_workers, pool, overflow = (option(values, *known) for known in (_WORKERS, _POOL, _OVERFLOW))
    if api_workers is None or not pool or overflow is None or overflow < 0:
        return
    processes = components.scheduler.replicas + components.dag_processor.replicas
    processes += components.triggerer.count(most=True)
    pools = processes + 2 * components.api_server.replicas * api_workers
    tasks = task_processes(airflow, values)
    results = tasks + components.scheduler.replicas if airflow.uses_celery else 0
    most, there = pools * (pool + overflow) + results, components.pgbouncer.replicas
    if most > airflow.pgbouncer.max_client_connections * there:
        enough = -(-most // there)
        fix = f"write max_client_connections: {enough}" if enough <= MOST_CLIENTS else "have fewer workers"
        yield (
            f"airflow.pgbouncer.max_client_connections: {airflow.pgbouncer.max_client_connections} for each PgBouncer, "
            f"of which there {'is one' if there == 1 else f'are {there}'}, and Airflow may open {most}: {tasks} for "
            f"processes of Celery workers, up to {pool + overflow} in each of {pools} pools of the other components; "
            f"those beyond are refused, and tasks fail; {fix}, or more airflow.components.pgbouncer.replicas"
        )
