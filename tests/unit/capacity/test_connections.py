"""Connections that PgBouncer would refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from constructs.capacity.connections import refused_clients
from constructs.settings.environment import Environment

Load = Callable[[dict[str, str | None]], Environment]

WORKERS = "airflow/components/workers"
ROOMY: dict[str, str | None] = {"cluster/node_groups": "{default: {instance_types: [m7g.4xlarge], max_size: 40}}"}


def said(load: Load, changes: dict[str, str | None], values: dict[str, Any] | None = None) -> list[str]:
    """What is said of a file with these changes, on nodes that are large enough."""
    return list(refused_clients(load({**ROOMY, **changes}), values or {}))


def test_the_default_takes_all_that_a_small_environment_opens(load: Load) -> None:
    """Five pools of 15, eight processes of a worker, one scheduler that reads results: 84 of 200."""
    assert said(load, {}) == []


def test_as_many_as_there_may_be_is_enough(load: Load) -> None:
    """75 of the components, 1 of the scheduler, 124 processes of workers: 200; one more is too many."""
    assert said(load, {WORKERS: "{replicas: 31, concurrency: 4}"}) == []
    (found,) = said(load, {WORKERS: "{replicas: 25, concurrency: 5}"})
    assert "200 for each PgBouncer, of which there is one, and Airflow may open 201: 125 for processes of" in found
    assert found.endswith("write max_client_connections: 201, or more airflow.components.pgbouncer.replicas")


def test_all_sets_and_all_pgbouncers_count(load: Load) -> None:
    """What two take together; what to write is for each."""
    sets: dict[str, str | None] = {"airflow/workers": "{large: {queues: [large], replicas: 20, concurrency: 16}}"}
    two: dict[str, str | None] = {"airflow/components/pgbouncer": "{replicas: 2}"}
    (found,) = said(load, {**sets, **two})
    assert "of which there are 2, and Airflow may open 404: 328 for processes" in found
    assert "write max_client_connections: 202," in found
    assert said(load, {**sets, **two, "airflow/pgbouncer": "{max_client_connections: 202}"}) == []


def test_an_autoscaler_of_the_shared_file_counts_with_its_most(load: Load) -> None:
    """Once it is on."""
    scaler = {"enabled": True, "maxReplicaCount": 40}
    assert "320 for processes" in said(load, {}, {"workers": {"celery": {"hpa": scaler}}})[0]
    assert said(load, {}, {"workers": {"celery": {"hpa": {**scaler, "enabled": False}}}}) == []


@pytest.mark.parametrize(
    ("config", "most"),
    [
        ({"api": {"workers": 8}}, 294),
        ({"database": {"sql_alchemy_pool_size": "40"}}, 259),
        ({"database": {"sql_alchemy_max_overflow": 40}}, 234),
    ],
)
def test_options_of_the_shared_file_count(load: Load, config: dict[str, Any], most: int) -> None:
    """Processes of the api-server, sizes of pools."""
    assert f"Airflow may open {most}:" in said(load, {}, {"config": config})[0]


@pytest.mark.parametrize(
    "database", [{"sql_alchemy_max_overflow": -1}, {"sql_alchemy_pool_size": 0}, {"sql_alchemy_pool_size": "{{ x }}"}]
)
def test_what_has_no_bound_is_not_judged(load: Load, database: dict[str, Any]) -> None:
    """Nor what a template makes of it."""
    assert said(load, {WORKERS: "{replicas: 100}"}, {"config": {"database": database}}) == []


def test_without_celery_nobody_writes_results(load: Load) -> None:
    """Tasks in pods of their own talk to the API."""
    assert said(load, {"airflow/executor": "KubernetesExecutor", WORKERS: "{replicas: 100}"}) == []


def test_more_than_a_pgbouncer_may_be_given(load: Load) -> None:
    """The number that would do can't be written."""
    nodes = {"cluster/node_groups": "{default: {instance_types: [m7g.16xlarge], max_size: 400}}"}
    (found,) = said(load, {**nodes, WORKERS: "{replicas: 200, concurrency: 64}"})
    assert "have fewer workers, or more airflow.components.pgbouncer.replicas" in found
