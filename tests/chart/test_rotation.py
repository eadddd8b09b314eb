"""A new revision of a secret changes the pods that use the secret, and with them nothing else."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from constructs.airflow.charts.rendering import Rendering, references
from constructs.airflow.secrets import secret_names
from helm_python import Chart

from tests.chart.environments import EVERYTHING, REVISIONS, values

ALL = "CeleryExecutor,KubernetesExecutor"
#: Workloads with Airflow in them, but for those of single executors.
AIRFLOW = {"airflow-api-server", "airflow-scheduler", "airflow-dag-processor", "airflow-triggerer"}
CLEANUP = "airflow-database-cleanup"

#: Revision -> what restarts for a new one. With the pods of tasks in the configuration, what changes them changes all.
RESTARTS: dict[str, set[str]] = {
    "database": {*AIRFLOW, "airflow-worker", CLEANUP},
    "pgbouncer": {"airflow-pgbouncer"},
    "redis": {*AIRFLOW, "airflow-worker", CLEANUP, "airflow-redis"},
    "fernet": {*AIRFLOW, "airflow-worker", CLEANUP},
    "api": {*AIRFLOW, "airflow-worker", CLEANUP},
    "jwt": {"airflow-api-server", "airflow-scheduler"},
    "git": {"airflow-dag-processor", "airflow-triggerer", "airflow-worker"},
    "sign_in": {"airflow-api-server"},
}
#: Secret -> the revisions that stand for its value.
SECRETS = {
    secret_names.METADATA: "database",
    secret_names.PGBOUNCER: "pgbouncer",
    secret_names.PGBOUNCER_STATS: "pgbouncer",
    secret_names.BROKER: "redis",
    secret_names.REDIS: "redis",
    secret_names.FERNET: "fernet",
    secret_names.API: "api",
    secret_names.JWT: "jwt",
    secret_names.GIT: "git",
    secret_names.SIGN_IN: "sign_in",
}

Revised = Callable[..., Rendering]


@pytest.fixture(scope="module")
def revised(chart: Chart) -> Revised:
    """Render dev with everything switched on and some revisions changed; the same one only once."""

    @functools.cache
    def with_revisions(executor: str, **changes: int) -> Rendering:
        return Rendering(chart, values("dev", executor=executor, revisions=REVISIONS | changes, **EVERYTHING))

    return with_revisions


def changed(before: Rendering, after: Rendering) -> set[str]:
    """Workloads whose pods are others afterwards."""
    assert before.templates.keys() == after.templates.keys()
    return {name for name, template in before.templates.items() if template != after.templates[name]} - {"task"}


def without_annotations(rendering: Rendering) -> list[Mapping[str, Any]]:
    """All objects but what the pods' annotations make of them."""
    return [body for body in rendering.objects if body["metadata"]["name"] not in {*rendering.templates}]


class TestRevision:
    @pytest.mark.parametrize("name", RESTARTS)
    def test_restarts_who_uses_the_secret(self, revised: Revised, name: str) -> None:
        """With workers: exactly the pods that read the secret, or depend on the broker that it locks."""
        before, after = revised("CeleryExecutor"), revised("CeleryExecutor", **{name: 99})
        assert changed(before, after) == RESTARTS[name]
        assert without_annotations(before) == without_annotations(after)

    @pytest.mark.parametrize("name", sorted(RESTARTS.keys() - {"redis"}))
    def test_restarts_the_same_without_workers(self, revised: Revised, name: str) -> None:
        """With the KubernetesExecutor alone: the same but for the workers, which are not there."""
        before, after = revised("KubernetesExecutor"), revised("KubernetesExecutor", **{name: 99})
        assert changed(before, after) == RESTARTS[name] - {"airflow-worker"}

    def test_of_redis_says_nothing_without_workers(self, revised: Revised) -> None:
        """Nobody uses the password."""
        assert changed(revised("KubernetesExecutor"), revised("KubernetesExecutor", redis=99)) == set()

    @pytest.mark.parametrize("name", RESTARTS)
    def test_restarts_the_same_with_both_executors(self, revised: Revised, name: str) -> None:
        """Whoever runs tasks in both ways restarts no other pods."""
        assert changed(revised(ALL), revised(ALL, **{name: 99})) == RESTARTS[name]


class TestEverySecret:
    @pytest.mark.parametrize("executor", ["CeleryExecutor", "KubernetesExecutor", ALL])
    def test_restarts_all_who_read_it(self, revised: Revised, executor: str) -> None:
        """No pod reads a secret whose revision it does not carry; pull secrets are read at the pull."""
        rendering = revised(executor)
        readers = {
            (workload, secret)
            for workload, template in rendering.templates.items()
            for secret in references(template["spec"], "Secret")
            if secret in SECRETS and workload != "task"
        }
        assert len(readers) > 20
        missing = {(workload, secret) for workload, secret in readers if workload not in RESTARTS[SECRETS[secret]]}
        assert missing == set()
