"""Legal settings that may surprise."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from constructs.settings.environment import Environment
from constructs.settings.loading.environment_file import load_environment
from constructs.settings.loading.warnings import warnings

ROOT = Path(__file__).parents[4]
Load = Callable[[dict[str, str | None]], Environment]

#: Versions age: what is said of them is said on this day.
TODAY = date(2026, 11, 30)
WORKERS = "airflow/components/workers"
SETS = "airflow/workers"
#: The smallest file has nobody who is told of alarms, which is a warning of its own.
TOLD: dict[str, str | None] = {"database/alarm_emails": "[]"}


@pytest.mark.parametrize(
    ("changes", "key", "part"),
    [
        ({"airflow/version": '"3.3.3"'}, "airflow.version", "Airflow 3.3.3 is newer than what is known here"),
        (
            {"airflow/version": '"3.3.0"', "airflow/image": "{repository: a/b, tag: 3.3.0-1}"},
            "airflow.version",
            "Airflow 3.3.0 has CVE-2026-58076 (whoever writes a DAG executes code in scheduler and API server",
        ),
        (
            {"airflow/version": '"3.3.1"'},
            "airflow.version",
            'a new password ends no session that the database keeps); write airflow.version: "3.3.2", whose image has',
        ),
        ({"cluster/kubernetes_version": '"1.32"'}, "cluster.kubernetes_version", 'first to "1.33"'),
        ({"cluster/kubernetes_version": '"1.31"'}, "cluster.kubernetes_version", "EKS makes no new cluster of"),
        ({"cluster/kubernetes_version": '"1.36"'}, "cluster.kubernetes_version", "was not tried with it: Airflow is"),
        ({"database/engine_version": '"17.7"'}, "database.engine_version", 'write database.engine_version: "17.10"'),
        (
            {"airflow/version": '"3.3.2"', "airflow/image": "{repository: a/b, tag: latest}"},
            "airflow.image.tag",
            "no pod restarts for it",
        ),
        (
            {"airflow/version": '"3.3.2"', "airflow/image": "{repository: a/b, tag: 3.3.1-4}"},
            "airflow.image.tag",
            "3.3.1-4 says 3.3.1, and airflow.version 3.3.2, which the release is made for",
        ),
        (
            {"airflow/image": "{repository: a/b, tag: build-77}"},
            "airflow.image.tag",
            "build-77 does not say which Airflow the image holds",
        ),
        (
            {"providers/aws": "6.25.0"},
            "providers.aws",
            "which was tried with 5.100.0; try it on an environment that you can lose; there is no way back from 6.x",
        ),
        (
            {"providers/helm": "3.2.0"},
            "providers.helm",
            "Terraform's Helm provider 3.2.0 is newer than what is known here, and was not tried: install, upgrade and",
        ),
        (
            {"providers/kubernetes": "2.39.0"},
            "providers.kubernetes",
            "on an API server without nodes, which was tried with 2.38.0; try it on an environment that you can lose",
        ),
        (
            {WORKERS: "{termination_grace_seconds: 901}"},
            "airflow.components.workers.termination_grace_seconds",
            "901 is more than the 900 that EKS gives a node",
        ),
        (
            {SETS: "{large: {queues: [large], termination_grace_seconds: 901}}"},
            "airflow.workers.large.termination_grace_seconds",
            "901 is more than the 900 that EKS gives a node",
        ),
        (
            {"airflow/task_egress": "[]", "airflow/executor": '"CeleryExecutor,KubernetesExecutor"'},
            "airflow.task_egress",
            "does not bind the pods of the KubernetesExecutor",
        ),
        (
            {"airflow/executor": "KubernetesExecutor", WORKERS: "{replicas: 2}"},
            "airflow.components.workers",
            "no effect with the executor KubernetesExecutor",
        ),
        (
            {"airflow/executor": "KubernetesExecutor", SETS: "{large: {queues: [large]}}"},
            "airflow.workers",
            "no effect with the executor KubernetesExecutor",
        ),
        (
            {"airflow/executor": "KubernetesExecutor", "airflow/components/redis": "{}"},
            "airflow.components.redis",
            "no effect with the executor KubernetesExecutor",
        ),
        (
            {"airflow/components/task_pod": "{memory: 4Gi}"},
            "airflow.components.task_pod",
            "no effect with the executor CeleryExecutor",
        ),
        (
            {"airflow/task_pods": "{large: {memory: 4Gi}}"},
            "airflow.task_pods",
            "no effect with the executor CeleryExecutor",
        ),
    ],
)
def test_each_is_a_sentence_with_its_key(load: Load, changes: dict[str, str | None], key: str, part: str) -> None:
    """What is legal and may surprise is said once, its key first."""
    (warning,) = warnings(load(TOLD | changes), TODAY)
    assert warning.startswith(f"{key}: ")
    assert part in warning


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {WORKERS: "{termination_grace_seconds: 900}"},
        {"airflow/task_egress": "[]"},
        {"airflow/components/task_pod": "{}", "airflow/executor": '"CeleryExecutor,KubernetesExecutor"'},
        {"airflow/image": "{repository: a/b, tag: 3.3.2-1}"},
        {"airflow/image": "{repository: a/b, tag: slim-3.3.2-python3.12}"},
        {"airflow/version": '"3.3.1"', "airflow/image": "{repository: a/b, tag: 3.3.1-1}"},
        {"airflow/version": '"3.3.1"', "airflow/image": "{repository: a/b, tag: build-77}"},
        {"cluster/kubernetes_version": '"1.34"'},
        {"database/engine_version": '"18.4"'},
    ],
)
def test_there_is_none_without_reason(load: Load, changes: dict[str, str | None]) -> None:
    """Usual settings say nothing."""
    assert warnings(load(TOLD | changes), TODAY) == []


@pytest.mark.parametrize(
    ("database", "told"),
    [
        ({}, False),
        ({"database/alarm_topic_arn": "null"}, False),
        ({"database/alarm_topic_arn": "arn:aws:sns:eu-west-1:111122223333:alarms"}, True),
        ({"database/alarm_emails": "[oncall@acme.org]"}, True),
        ({"database/alarm_emails": "[]"}, True),
    ],
)
def test_alarms_that_nobody_hears_of(load: Load, database: dict[str, str | None], *, told: bool) -> None:
    """A file that names no receiver of alarms is warned, unless it says so itself with an empty list."""
    said = warnings(load(database), TODAY)
    found = [warning for warning in said if warning.startswith("database.alarm_emails: nobody")]
    assert len(found) == (0 if told else 1)


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_the_shipped_files_are_silent(name: str) -> None:
    """What the shipped files say they say on purpose."""
    assert warnings(load_environment(ROOT / "environments" / f"{name}.yaml"), TODAY) == []
