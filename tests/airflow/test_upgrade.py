"""From the oldest Airflow that an environment file may name to the one of these tests, while the old one is at work."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from constructs.airflow.certificates.rds_roots import root_certificates
from constructs.airflow.jobs.commands import MIGRATE_AND_ADMIN
from constructs.airflow.web.proxy_trust import API_SERVER_ARGUMENTS

from tests.airflow import pgbouncer, postgresql, web_server
from tests.airflow.api import Api
from tests.airflow.authority import Authority
from tests.airflow.conftest import ADMIN_PASSWORD, at_work, through
from tests.airflow.installation import DAGS, OLDEST_PROGRAMS, PROGRAMS, WAITING_DAG, Airflow, synchronous_driver
from tests.airflow.pgbouncer import PgBouncer
from tests.airflow.postgresql import PostgreSql
from tests.airflow.servers import MissingProgramError, Server, free_port, server_folder
from tests.airflow.test_connections import ASYNCHRONOUS, SYNCHRONOUS
from tests.availability import unavailable

pytestmark = pytest.mark.slow

#: Generous: the machine may be busy with other tests.
PATIENCE = 300.0

WRITE = """
from airflow.models import Connection, Variable
from airflow.settings import Session
session = Session()
session.add(Connection(conn_id="kept", conn_type="http", host="example.com", password="p4ss", extra='{"t": "t0ken"}'))
session.add(Variable(key="kept", val="v4lue"))
session.commit()
answer = None
"""
READ = """
from airflow.models import Connection, Variable
from airflow.settings import Session
from sqlalchemy import select
connection = Session().scalar(select(Connection).where(Connection.conn_id == "kept"))
variable = Session().scalar(select(Variable).where(Variable.key == "kept"))
answer = [connection.host, connection.password, connection.extra_dejson["t"], variable.val]
"""
WRITTEN = ["example.com", "p4ss", "t0ken", "v4lue"]
#: As the DAG processor adds a row for a DAG that it finds for the first time (`DagModelOperation.add_dags`).
ADD_DAG = """
from airflow.models import DagModel
from airflow.settings import Session
session = Session()
session.add(DagModel(dag_id="later", bundle_name="dags-folder"))
try:
    session.commit()
    answer = "added"
except Exception as error:
    answer = str(error)
"""
LISTS = ("/api/v2/dags", "/api/v2/dags/~/dagRuns", "/api/v2/connections", "/api/v2/variables", "/api/v2/importErrors")


@dataclass(frozen=True)
class Place:
    """A database of RDS's kind and the pooler before it, with nothing in it yet."""

    folder: Path
    server: PostgreSql
    pooler: PgBouncer
    roots: str

    def job(self, programs: Path) -> tuple[int, str]:
        """Run the database job of an Airflow; return its exit code and output."""
        home = self.home(programs, "job")
        airflow = at_work(home, self.server, self.roots, programs)
        stored = {"ADMIN_PASSWORD": ADMIN_PASSWORD, "ADMIN_PASSWORD_VERSION": "first"}
        result = airflow.with_(**stored).run("bash", "-c", MIGRATE_AND_ADMIN)
        return result.returncode, result.stdout + result.stderr

    def home(self, programs: Path, name: str) -> Path:
        """Return a folder for something that an Airflow does."""
        home = self.folder / f"{programs.parent.name}-{name}"
        home.mkdir()
        return home

    def airflow(self, programs: Path) -> Airflow:
        """Return an Airflow through the pooler, which runs tasks itself: what executors do is not the question here."""
        dags = self.folder / "dags"
        if not dags.exists():
            shutil.copytree(DAGS, dags)
            shutil.copy(WAITING_DAG, dags)
        return through(
            self.pooler,
            self.home(programs, "pods"),
            programs,
            AIRFLOW__CORE__DAGS_FOLDER=str(dags),
            AIRFLOW__CORE__EXECUTOR="LocalExecutor",
            AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT=str(free_port()),
            AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT=str(free_port()),
            AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT=str(free_port()),
            AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT=str(PATIENCE),
            **web_server.SECRETS,
        )


@dataclass(frozen=True)
class Pods:
    """API server and scheduler of an Airflow, at work."""

    airflow: Airflow
    api: web_server.WebServer
    scheduler: Server
    server: PostgreSql

    def trigger(self, dag: str, run: str, **params: str) -> tuple[int, Any]:
        """Start a DAG by the API; return its answer."""
        api = Api.logged_in(self.api.port, ADMIN_PASSWORD)
        return api.send(f"/api/v2/dags/{dag}/dagRuns", dag_run_id=run, logical_date=None, conf=params)

    def wait_for_run(self, run: str, *accepted: str) -> str:
        """Wait until a DAG run has one of the states, and return it."""
        return self.wait_for("SELECT state FROM dag_run WHERE run_id = :'run'", *accepted, run=run)

    def wait_for(self, statement: str, *accepted: str, **values: str) -> str:
        """Ask the database until it gives one of the answers; show what the components say where it doesn't."""
        deadline, answer = time.monotonic() + PATIENCE, ""
        while time.monotonic() < deadline:
            answer = self.server.query(statement, **values)
            if answer in accepted:
                return answer
            time.sleep(0.5)
        output = f"{self.scheduler.output()[-4000:]}\n{self.api.server.output()[-2000:]}"
        raise AssertionError(f"{statement} {values}: {answer}\n{output}")


@contextlib.contextmanager
def pods(place: Place, programs: Path) -> Iterator[Pods]:
    """Start them, with the DAGs as the DAG processor leaves them."""
    airflow = place.airflow(programs)
    with web_server.running(airflow, API_SERVER_ARGUMENTS) as api:
        airflow = airflow.with_(AIRFLOW__CORE__EXECUTION_API_SERVER_URL=f"http://127.0.0.1:{api.port}/execution/")
        parsed = airflow.run("airflow", "dags", "reserialize")
        assert parsed.returncode == 0, parsed.stderr
        log = airflow.home / "scheduler.log"
        with Server(("airflow", "scheduler"), log, environment=airflow.environment, patience=10) as scheduler:
            yield Pods(airflow, api, scheduler, place.server)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An empty database."""
    try:
        Airflow.installed(tmp_path_factory.mktemp("none"), OLDEST_PROGRAMS)
    except MissingProgramError as missing:
        unavailable(str(missing))
    authority = Authority.make("Authority of the tests")
    roots = root_certificates("eu-west-1") + authority.pem
    with server_folder() as data, server_folder() as pool:
        postgresql.initialize(data, authority)
        with postgresql.running(data) as server:
            postgresql.create_database(server)
            with pgbouncer.running(pool, server, roots, prepares=True) as pooler:
                yield Place(tmp_path_factory.mktemp("upgrade"), server, pooler, roots)


@pytest.fixture(scope="module")
def old(place: Place) -> Iterator[Pods]:
    """The oldest Airflow after its own database job, with rows that somebody would miss, and at work."""
    returncode, output = place.job(OLDEST_PROGRAMS)
    assert returncode == 0, output
    with pods(place, OLDEST_PROGRAMS) as running:
        running.airflow.python(WRITE)
        user = ("--username", "second", "--role", "Viewer", "--firstname", "S", "--lastname", "U", "--email", "s@u.de")
        created = running.airflow.run("airflow", "users", "create", *user, "--password", "S3cond")
        assert created.returncode == 0, created.stderr
        yield running


@dataclass(frozen=True)
class Window:
    """The minutes between the database job of the new Airflow and the end of the old one's pods."""

    old: Pods
    before: dict[str, Any]
    """What the API answered before."""

    job: tuple[int, str]


def answers(pods: Pods) -> dict[str, Any]:
    """Return what the API lists, without what changes by itself."""
    api = Api.logged_in(pods.api.port, ADMIN_PASSWORD)
    return {path: (api.send(path)[0], api.send(path)[1].get("total_entries")) for path in LISTS}


@pytest.fixture(scope="module")
def window(place: Place, old: Pods, tmp_path_factory: pytest.TempPathFactory) -> Window:
    """One run that has ended, one at work, one that waits for a triggerer; then the database job of the new Airflow."""
    end = tmp_path_factory.mktemp("files") / "end"
    old.trigger("sample", "ended")
    old.trigger("deferring", "carried")
    old.trigger("staying", "ending", file=str(end))
    assert old.wait_for_run("ended", "success", "failed") == "success"
    task = "SELECT state FROM task_instance WHERE run_id = :'run'"
    old.wait_for(task, "deferred", run="carried")
    old.wait_for(task, "running", run="ending")
    before = answers(old)
    job = place.job(PROGRAMS)
    end.touch()
    return Window(old, before, job)


@pytest.fixture(scope="module")
def new(place: Place, window: Window) -> Iterator[Pods]:
    """The new Airflow's pods in the place of the old one's."""
    window.old.scheduler.stop()
    window.old.api.server.stop()
    with pods(place, PROGRAMS) as running:
        log = running.airflow.home / "triggerer.log"
        with Server(("airflow", "triggerer"), log, environment=running.airflow.environment, patience=5):
            yield running


class TestOldest:
    def test_opens_its_database_by_its_drivers(self, old: Pods) -> None:
        """What the database job has made is opened by way of the pooler, synchronously and asynchronously."""
        assert old.airflow.python(SYNCHRONOUS) == [synchronous_driver(OLDEST_PROGRAMS), True]
        assert old.airflow.python(ASYNCHRONOUS) == ["asyncpg", True]

    def test_lets_its_users_in(self, old: Pods) -> None:
        """The administrator of the job by the stored password, and another one by its own."""
        Api.logged_in(old.api.port, ADMIN_PASSWORD)
        Api.logged_in(old.api.port, "S3cond", "second")

    def test_imports_the_dags(self, old: Pods) -> None:
        """Ours are there without an error."""
        api = Api.logged_in(old.api.port, ADMIN_PASSWORD)
        found = {dag["dag_id"] for dag in api.send("/api/v2/dags")[1]["dags"]}
        assert {"sample", "verify_installation"} <= found
        assert api.send("/api/v2/importErrors")[1]["total_entries"] == 0


class TestWhileOldPodsWork:
    def test_migration_succeeds(self, window: Window) -> None:
        """The new Airflow's database job waits for none of the old one's processes to end."""
        assert window.job[0] == 0, window.job[1]
        assert "left as it is" in window.job[1]

    def test_old_api_server_answers_as_before(self, window: Window) -> None:
        """Lists and logins are the same on the new schema."""
        assert {status for status, _ in window.before.values()} == {200}
        assert answers(window.old) == window.before

    def test_old_scheduler_goes_on(self, window: Window) -> None:
        """A run under way ends, and one that is started now runs."""
        assert window.old.wait_for_run("ending", "success", "failed") == "success"
        status, answer = window.old.trigger("sample", "started")
        assert status == 200, answer
        assert window.old.wait_for_run("started", "success", "failed") == "success"

    def test_old_dag_processor_adds_no_dag(self, window: Window) -> None:
        """A DAG that the database doesn't know has no value for a column that is new; those it knows stay."""
        added = window.old.airflow.python(ADD_DAG)
        assert 'null value in column "partition_mapper_info"' in added
        assert answers(window.old)["/api/v2/dags"] == window.before["/api/v2/dags"]

    def test_old_pod_that_starts_again_waits(self, window: Window) -> None:
        """The container before the old one's own refuses the new schema: such a pod starts when it is replaced."""
        checked = window.old.airflow.run("airflow", "db", "check-migrations", "--migration-wait-timeout", "1")
        assert checked.returncode != 0
        assert "unapplied migrations" in checked.stderr


class TestAfterwards:
    def test_what_was_encrypted_can_be_read(self, new: Pods) -> None:
        """A connection and a variable that the old Airflow has written."""
        assert new.airflow.python(READ) == WRITTEN

    def test_history_is_there(self, new: Pods) -> None:
        """What has run under the old Airflow is shown by the new one's API."""
        api = Api.logged_in(new.api.port, ADMIN_PASSWORD)
        assert api.send("/api/v2/dags/sample/dagRuns/ended")[1]["state"] == "success"
        tasks = api.send("/api/v2/dags/sample/dagRuns/ended/taskInstances")[1]["task_instances"]
        assert {task["task_id"]: task["state"] for task in tasks} == dict.fromkeys(("start", "greet", "end"), "success")

    def test_run_that_was_under_way_ends(self, new: Pods) -> None:
        """Deferred under the old Airflow: the new triggerer reads what it waits for, the scheduler ends it."""
        assert new.wait_for_run("carried", "success", "failed") == "success"

    def test_users_are_let_in(self, new: Pods) -> None:
        """With the passwords of before."""
        Api.logged_in(new.api.port, ADMIN_PASSWORD)
        Api.logged_in(new.api.port, "S3cond", "second")

    def test_new_dag_is_taken(self, new: Pods) -> None:
        """One that comes when the new Airflow works is found, and runs."""
        folder = Path(new.airflow.environment["AIRFLOW__CORE__DAGS_FOLDER"])
        text = (DAGS / "sample.py").read_text(encoding="utf-8")
        (folder / "later.py").write_text(text.replace('dag_id="sample"', 'dag_id="later"'), encoding="utf-8")
        parsed = new.airflow.run("airflow", "dags", "reserialize")
        assert parsed.returncode == 0, parsed.stderr
        status, answer = new.trigger("later", "first")
        assert status == 200, answer
        assert new.wait_for_run("first", "success", "failed") == "success"
