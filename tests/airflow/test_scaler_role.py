"""The role that KEDA counts tasks with: made by the database job on a real PostgreSQL, used through PgBouncer."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from constructs.airflow.computed_values.autoscaling import of_workers
from constructs.airflow.jobs.commands import MIGRATE_AND_ADMIN, SCALER_ROLE
from constructs.airflow.secrets.connections import SCALER_USERNAME, scaler_url
from constructs.settings.sections.airflow.autoscaling import AutoscalingSettings
from constructs.settings.sections.airflow.worker_sets import WorkerSetSettings

from tests.airflow import pgbouncer
from tests.airflow.conftest import ADMIN_PASSWORD, FirstRun, local
from tests.airflow.installation import Airflow
from tests.airflow.pgbouncer import PgBouncer
from tests.airflow.postgresql import PostgreSql
from tests.airflow.servers import server_folder
from tests.chart.environments import environment

pytestmark = pytest.mark.slow

FIRST, SECOND = "Sc4lersFirst", "Sc4lersSecond"
WORKERS = WorkerSetSettings(queues=("large",), concurrency=2, autoscaling=AutoscalingSettings(max=5))
ASK = """
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError

try:
    with create_engine({url!r}).connect() as connection:
        answer = [str(value) for value in connection.exec_driver_sql({statement!r}).fetchone()]
except DBAPIError as error:
    answer = str(error.orig)
"""


def run_job(job: Airflow, password: str) -> subprocess.CompletedProcess[str]:
    """Run the database job of an environment with autoscaling."""
    stored = {"ADMIN_PASSWORD": ADMIN_PASSWORD, "ADMIN_PASSWORD_VERSION": "first"}
    scaler = {"SCALER_USERNAME": SCALER_USERNAME, "SCALER_PASSWORD": password}
    return job.with_(**stored, **scaler).run("bash", "-c", MIGRATE_AND_ADMIN + SCALER_ROLE)


@pytest.fixture(scope="module")
def made(job: Airflow, server: PostgreSql) -> subprocess.CompletedProcess[str]:
    """The job's run that makes the role, as an owner that may make roles: so is RDS's master user."""
    server.query("ALTER ROLE airflow CREATEROLE")
    return run_job(job, FIRST)


@pytest.fixture(scope="module")
def pooler(server: PostgreSql, first_run: FirstRun, made: subprocess.CompletedProcess[str]) -> Iterator[PgBouncer]:
    """PgBouncer that knows the role."""
    assert made.returncode == 0, made.stdout + made.stderr
    others = {SCALER_USERNAME: FIRST}
    with server_folder() as folder, pgbouncer.running(folder, server, first_run.roots, others=others) as running:
        yield running


def ask(job: Airflow, pooler: PgBouncer, statement: str, password: str = FIRST) -> Any:
    """What the role is answered: a row, or the reason."""
    url = local(scaler_url(password=password, namespace="airflow"), pooler.port)
    return job.python(ASK.format(url=url, statement=statement))


def test_counts_the_tasks_of_a_set(job: Airflow, server: PostgreSql, pooler: PgBouncer) -> None:
    """By the very statement that KEDA is given: tasks that wait for a worker or run, in workers, rounded up."""
    query = of_workers(environment("dev").airflow, WORKERS, WORKERS.queues)["keda"]["query"]
    assert ask(job, pooler, query) == ["0"]
    server.query(
        "SET session_replication_role = replica;"
        "INSERT INTO task_instance (id, task_id, dag_id, run_id, map_index, pool, pool_slots, queue, state, max_tries, "
        "try_number) SELECT gen_random_uuid(), 'task', 'dag', 'run', n, 'default_pool', 1, q, s, 0, 0 FROM (VALUES "
        "(1, 'large', 'queued'), (2, 'large', 'running'), (3, 'large', 'running'), (4, 'large', 'success'), "
        "(5, 'default', 'queued')) AS tasks (n, q, s)"
    )
    assert ask(job, pooler, query) == ["2"]


def test_counts_triggers(job: Airflow, pooler: PgBouncer) -> None:
    """For the triggerer."""
    assert ask(job, pooler, "SELECT COUNT(*) FROM trigger") == ["0"]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT password FROM ab_user",
        "SELECT val FROM variable",
        "SELECT password FROM connection",
        "SELECT rendered_fields FROM rendered_task_instance_fields",
        "DELETE FROM task_instance RETURNING 1",
        "UPDATE trigger SET kwargs = '' RETURNING 1",
    ],
)
def test_may_nothing_else(job: Airflow, pooler: PgBouncer, statement: str) -> None:
    """No other table is read, and nothing is written."""
    assert "permission denied for table" in ask(job, pooler, statement)


def test_makes_nothing(job: Airflow, pooler: PgBouncer) -> None:
    """Nor is anything made."""
    assert "permission denied" in ask(job, pooler, "CREATE TABLE mine (n int)")


def test_gets_a_new_password(job: Airflow, server: PostgreSql, pooler: PgBouncer) -> None:
    """The job that runs again for a new revision sets it; the old one is worth nothing."""
    assert ask(job, pooler, "SELECT COUNT(*) FROM trigger") == ["0"]
    before = server.query("SELECT rolpassword FROM pg_authid WHERE rolname = 'airflow_scaler'")
    again = run_job(job, SECOND)
    assert again.returncode == 0, again.stdout + again.stderr
    after = server.query("SELECT rolpassword FROM pg_authid WHERE rolname = 'airflow_scaler'")
    assert after.startswith("SCRAM-SHA-256$")
    assert after != before


def test_keeps_the_password_to_itself(
    made: subprocess.CompletedProcess[str], server: PostgreSql, pooler: PgBouncer
) -> None:
    """Neither the job's output nor what the server writes down holds it."""
    said = made.stdout + made.stderr + (server.folder / "postgresql.log").read_text(encoding="utf-8")
    assert "airflow_scaler may read task_instance, trigger" in said
    assert FIRST not in said
    assert FIRST not in pooler.log.read_text(encoding="utf-8")


def test_is_told_without_a_password(job: Airflow) -> None:
    """An empty secret ends the job with the reason."""
    result = run_job(job, "")
    assert result.returncode == 2
    assert "SCALER_PASSWORD is empty" in result.stderr
