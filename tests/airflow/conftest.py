"""Airflow, PostgreSQL and PgBouncer, shared by the tests of this folder."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from constructs.airflow.certificates.rds_roots import root_certificates
from constructs.airflow.jobs.commands import JOB_ENVIRONMENT, MIGRATE_AND_ADMIN
from constructs.airflow.secrets.connections import metadata_url, result_backend_url

from tests.airflow import pgbouncer, postgresql
from tests.airflow.authority import Authority
from tests.airflow.installation import PROGRAMS, Airflow, synchronous_driver
from tests.airflow.pgbouncer import PgBouncer
from tests.airflow.postgresql import PASSWORD, USERNAME, PostgreSql
from tests.airflow.servers import MissingProgramError, find_program, server_folder
from tests.availability import unavailable

ADMIN_PASSWORD = "Adm1nFromSecretsManager"


@dataclass(frozen=True)
class FirstRun:
    """A database that the database job has set up, at rest, and how the job went."""

    folder: Path
    roots: str
    """What the server is verified by: Amazon's certificates of a region, and the authority of these tests."""

    returncode: int
    output: str


def at_work(home: Path, server: PostgreSql, roots: str, programs: Path = PROGRAMS, **environment: str) -> Airflow:
    """Return Airflow as our jobs have it: their environment, straight to the database."""
    certificates = home / "root.crt"
    certificates.write_text(roots)
    job = {**JOB_ENVIRONMENT, "PGSSLROOTCERT": str(certificates)}
    return Airflow.installed(home, programs, AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=server.url, **job, **environment)


def run_first(folder: Path) -> FirstRun:
    """Make a server and let the database job set it up."""
    authority = Authority.make("Authority of the tests")
    roots = root_certificates("eu-west-1") + authority.pem
    home = folder / "home"
    home.mkdir(exist_ok=True)
    with server_folder() as scratch:
        postgresql.initialize(scratch, authority)
        with postgresql.running(scratch) as server:
            postgresql.create_database(server)
            airflow = at_work(home, server, roots, ADMIN_PASSWORD=ADMIN_PASSWORD, ADMIN_PASSWORD_VERSION="first")
            job = airflow.run("bash", "-c", MIGRATE_AND_ADMIN)
        postgresql.copy(scratch, folder)
    return FirstRun(folder, roots, job.returncode, job.stdout + job.stderr)


@pytest.fixture(scope="session")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> FirstRun:
    """The database after the job's first run: made once, by whichever of pytest's processes comes first."""
    try:
        for program in ("postgres", "initdb", "psql", "pgbouncer", "redis-server"):
            find_program(program, *postgresql.PROGRAMS)
        Airflow.installed(tmp_path_factory.mktemp("none"))
    except MissingProgramError as missing:
        unavailable(str(missing))
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "airflow-database"
    shared.mkdir(exist_ok=True)
    record = shared / "run.json"
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not record.exists():
            run = run_first(shared)
            record.write_text(json.dumps([run.roots, run.returncode, run.output]))
    return FirstRun(shared, *json.loads(record.read_text()))


@pytest.fixture(scope="module")
def server(first_run: FirstRun) -> Iterator[PostgreSql]:
    """A server of this file's own, with the database as the job's first run left it."""
    assert first_run.returncode == 0, first_run.output
    with server_folder() as folder:
        postgresql.copy(first_run.folder, folder)
        with postgresql.running(folder) as running:
            yield running


@pytest.fixture(scope="module")
def job(server: PostgreSql, first_run: FirstRun, tmp_path_factory: pytest.TempPathFactory) -> Airflow:
    """Airflow as in the pods of our jobs."""
    return at_work(tmp_path_factory.mktemp("job"), server, first_run.roots)


def local(url: str, port: int) -> str:
    """Return a URL of the cluster with this machine's place in it; all else stays as it is generated."""
    head, _, rest = url.partition("@")
    return f"{head}@127.0.0.1:{port}/{rest.partition('/')[2]}"


def through(pooler: PgBouncer, home: Path, programs: Path = PROGRAMS, **environment: str) -> Airflow:
    """Return Airflow as in the pods of the release: to the database by way of the pooler."""
    owner = {"username": USERNAME, "password": PASSWORD, "namespace": "airflow"}
    urls = {
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": local(metadata_url(**owner), pooler.port),
        "AIRFLOW__CELERY__RESULT_BACKEND": local(result_backend_url(**owner), pooler.port),
    }
    return Airflow.installed(home, programs, **urls, **environment)


@pytest.fixture(scope="module")
def pooler(server: PostgreSql, first_run: FirstRun) -> Iterator[PgBouncer]:
    """PgBouncer in front of the database, for Airflow's synchronous driver."""
    prepares = synchronous_driver() == "psycopg"
    with server_folder() as folder, pgbouncer.running(folder, server, first_run.roots, prepares=prepares) as running:
        yield running


@pytest.fixture(scope="module")
def preparing_pooler(server: PostgreSql, first_run: FirstRun) -> Iterator[PgBouncer]:
    """PgBouncer for clients that prepare statements."""
    with server_folder() as folder, pgbouncer.running(folder, server, first_run.roots, prepares=True) as running:
        yield running


@pytest.fixture(scope="module")
def airflow(pooler: PgBouncer, tmp_path_factory: pytest.TempPathFactory) -> Airflow:
    """Airflow as in the pods of the release."""
    return through(pooler, tmp_path_factory.mktemp("airflow"))
