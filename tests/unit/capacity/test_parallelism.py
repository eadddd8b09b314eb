"""Places of workers that Airflow never fills."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from constructs.capacity.parallelism import idle_workers
from constructs.settings.environment import Environment

Load = Callable[[dict[str, str | None]], Environment]

WORKERS = "airflow/components/workers"
MANY: dict[str, str | None] = {
    WORKERS: "{replicas: 3}",
    "airflow/workers": "{large: {queues: [large], replicas: 2, concurrency: 16}}",
}


def test_as_many_as_airflow_starts_are_fine(load: Load) -> None:
    """Four workers of eight tasks are the 32 that a scheduler starts by default."""
    assert list(idle_workers(load({WORKERS: "{replicas: 4}"}), {})) == []


def test_more_are_told_with_what_to_write(load: Load) -> None:
    """All sets count: 24 and 32 tasks for one scheduler."""
    (said,) = idle_workers(load(MANY), {})
    assert "places for 56 tasks at once" in said
    assert "at most 32 for each scheduler, of which there is one" in said
    assert "config: {core: {parallelism: 56}}" in said


@pytest.mark.parametrize("written", [56, "57", "{{ .Values.mine }}"])
def test_the_users_number_counts(load: Load, written: object) -> None:
    """What a template makes of it is not known here."""
    assert list(idle_workers(load(MANY), {"config": {"core": {"parallelism": written}}})) == []


def test_each_scheduler_starts_its_own(load: Load) -> None:
    """Two start twice as many."""
    assert list(idle_workers(load({**MANY, "airflow/components/scheduler": "{replicas: 2}"}), {})) == []
    (said,) = idle_workers(load({**MANY, "airflow/components/scheduler": "{replicas: 2}"}), _values(10))
    assert "of which there are 2" in said
    assert "parallelism: 28" in said


def test_pods_of_tasks_have_no_places(load: Load) -> None:
    """The KubernetesExecutor alone has no workers."""
    assert list(idle_workers(load({**MANY, "airflow/executor": "KubernetesExecutor"}), {})) == []


def test_an_autoscaler_of_the_shared_file_counts_with_its_most(load: Load) -> None:
    """What it may start would be idle, too; once it is on."""
    scaler = {"enabled": True, "maxReplicaCount": 10}
    (said,) = idle_workers(load({}), {"workers": {"celery": {"hpa": scaler}}})
    assert "places for 80 tasks at once" in said
    assert list(idle_workers(load({}), {"workers": {"celery": {"hpa": {**scaler, "enabled": False}}}})) == []


def _values(parallelism: int) -> dict[str, dict[str, dict[str, int]]]:
    return {"config": {"core": {"parallelism": parallelism}}}


def test_as_many_workers_count_as_there_may_be(load: Load) -> None:
    """Scaled ones start idle otherwise."""
    (said,) = idle_workers(load({WORKERS: "{autoscaling: {min: 0, max: 10}}"}), {})
    assert "places for 80 tasks at once" in said
