"""A whole installation on this machine, and the DAG that proves installations, run by it."""

from __future__ import annotations

import contextlib
import json
import re
import shlex
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import boto3
import pytest
from constructs.airflow.computed_values.components import worker_command
from constructs.airflow.computed_values.configuration import HOSTNAME_CALLABLE
from constructs.airflow.secrets.connections import broker_url
from constructs.airflow.web.proxy_trust import API_SERVER_ARGUMENTS
from constructs.settings.sections.airflow.worker_sets import WorkerSetSettings

from tests.airflow import redis_server, web_server
from tests.airflow.api import Api
from tests.airflow.conftest import ADMIN_PASSWORD, local, through
from tests.airflow.installation import DAGS, PROGRAMS, WAITING_DAG, Airflow
from tests.airflow.pgbouncer import PgBouncer
from tests.airflow.postgresql import PostgreSql
from tests.airflow.servers import Server, free_port, server_folder
from tests.emulator import Emulator
from tests.emulator.client import aws_environment

pytestmark = pytest.mark.slow

BUCKET = "airflow-dev-logs-111122223333"
REDIS_PASSWORD = "R3dis"
#: A set in place of the default workers.
WORKERS = WorkerSetSettings(queues=("default", "large"), concurrency=4)
TASKS = {"variable", "send", "receive", "pgbouncer", "write_log", "find_log", "deferred"}
#: Generous: the machine may be busy with other tests.
PATIENCE = 300.0


@dataclass(frozen=True)
class Installation:
    """Every component of Airflow, as the chart starts it, around one database and one log bucket."""

    airflow: Airflow
    database: PostgreSql
    pooler: PgBouncer
    s3: Any
    api: Api
    components: tuple[Server, ...]

    def wait_for(self, statement: str, *accepted: str, **values: str) -> str:
        """Ask the database until it gives one of the answers; show what the components say where it doesn't."""
        deadline = time.monotonic() + PATIENCE
        answer = ""
        while time.monotonic() < deadline:
            answer = self.database.query(statement, **values)
            if answer in accepted:
                return answer
            time.sleep(1)
        output = "\n".join(f"--- {server.log.name}\n{server.output()[-2000:]}" for server in self.components)
        raise AssertionError(f"{statement}\n{answer}\n{output}")

    def trigger(self, dag: str, **conf: str | int) -> str:
        """Start a DAG as soon as it is known; return the run's name."""
        self.wait_for("SELECT count(*) FROM dag WHERE dag_id = :'dag' AND NOT is_stale", "1", dag=dag)
        run_id = f"test-{time.monotonic_ns()}"
        trigger = ("airflow", "dags", "trigger", dag, "--run-id", run_id, "--conf", json.dumps(conf))
        result = self.airflow.run(*trigger)
        assert result.returncode == 0, result.stderr
        return run_id

    def run(self, **conf: str) -> dict[str, str]:
        """Run the DAG to its end; return the state of each task and, under an empty name, of the run."""
        run_id = self.trigger("verify_installation", **conf)
        state = self.wait_for_run(run_id)
        rows = self.database.query("SELECT task_id, state FROM task_instance WHERE run_id = :'run'", run=run_id)
        return {"": state, **dict(row.split("|") for row in rows.splitlines())}

    def wait_for_run(self, run_id: str) -> str:
        """Wait until a DAG run has ended; return its state."""
        return self.wait_for("SELECT state FROM dag_run WHERE run_id = :'run'", "success", "failed", run=run_id)

    def live_log(self, path: str, line: str) -> str:
        """Ask the API for the log of a task until a line is in it."""
        deadline, log = time.monotonic() + PATIENCE, ""
        while time.monotonic() < deadline and line not in log:
            status, log = self.api.send(f"/api/v2/dags/{path}/logs/1?full_content=true")
            log = json.dumps(log)
            assert status == 200, log
            time.sleep(0.5)
        return log

    def logs(self) -> dict[str, str]:
        """Return what is in the bucket: key and text."""
        objects = self.s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        read = {entry["Key"]: self.s3.get_object(Bucket=BUCKET, Key=entry["Key"])["Body"].read() for entry in objects}
        return {key: content.decode() for key, content in read.items()}

    def wait_for_logs(self, *patterns: str) -> None:
        """Wait until each pattern stands for a log in the bucket, `task/file`: it comes after its task's end."""
        folder = re.compile(r"^tasks/dag_id=verify_installation/run_id=[^/]+/task_id=")
        deadline = time.monotonic() + PATIENCE
        missing = list(patterns)
        while missing and time.monotonic() < deadline:
            time.sleep(0.5)
            names = [folder.sub("", key) for key in self.logs()]
            missing = [pattern for pattern in patterns if not any(re.fullmatch(pattern, name) for name in names)]
        assert missing == []


@pytest.fixture(scope="module")
def installation(
    server: PostgreSql, preparing_pooler: PgBouncer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """The installation, with CeleryExecutor and logs in S3."""
    home = tmp_path_factory.mktemp("installation")
    with contextlib.ExitStack() as stack:
        redis = stack.enter_context(redis_server.running(stack.enter_context(server_folder()), REDIS_PASSWORD))
        aws = stack.enter_context(Emulator())
        credentials = aws_environment(aws.endpoint, aws.region)
        s3 = boto3.client(
            "s3", endpoint_url=aws.endpoint, region_name=aws.region, aws_access_key_id="-", aws_secret_access_key="-"
        )
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": aws.region})
        dags = shutil.copytree(DAGS, home / "dags")
        shutil.copy(WAITING_DAG, dags)
        ports = {name: free_port() for name in ("scheduler", "worker", "triggerer")}
        airflow = through(preparing_pooler, home, PROGRAMS, **credentials, **settings(dags, redis, ports))
        api = stack.enter_context(web_server.running(airflow, API_SERVER_ARGUMENTS))
        airflow = airflow.with_(
            AIRFLOW__CORE__EXECUTION_API_SERVER_URL=f"http://127.0.0.1:{api.port}/execution/", **web_server.SECRETS
        )
        commands = {
            "scheduler": ("airflow", "scheduler"),
            "dag-processor": ("airflow", "dag-processor"),
            "triggerer": ("airflow", "triggerer"),
            "worker": shlex.split(worker_command(WORKERS).removeprefix("exec ")),
        }
        # Logs in folders of their own, as pods have them: each component removes its own after their upload.
        components = [
            stack.enter_context(
                Server(
                    command,
                    home / f"{name}.log",
                    environment={**airflow.environment, "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / name)},
                    patience=5,
                )
            )
            for name, command in commands.items()
        ]
        user = Api.logged_in(api.port, ADMIN_PASSWORD)
        yield Installation(airflow, server, preparing_pooler, s3, user, (api.server, *components))


def settings(dags: Path, redis: int, ports: dict[str, int]) -> dict[str, str]:
    """Return what the chart's values say of executor and logs, and this machine's places and ports."""
    return {
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
        "AIRFLOW__CORE__HOSTNAME_CALLABLE": HOSTNAME_CALLABLE,
        "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
        "AIRFLOW__CELERY__BROKER_URL": local(broker_url(password=REDIS_PASSWORD), redis),
        # On a busy machine five seconds are too few for an answer, and the task would fail.
        "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": str(PATIENCE),
        "AIRFLOW__LOGGING__REMOTE_LOGGING": "True",
        "AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER": f"s3://{BUCKET}/tasks",
        "AIRFLOW__LOGGING__REMOTE_LOG_CONN_ID": "aws_default",
        "AIRFLOW__LOGGING__DELETE_LOCAL_LOGS": "True",
        "AIRFLOW_CONN_AWS_DEFAULT": "aws://",
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(ports["worker"]),
        "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(ports["triggerer"]),
        "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT": str(ports["scheduler"]),
    }


class TestVerifyInstallation:
    def test_succeeds(self, installation: Installation) -> None:
        """Every task succeeds: Variable and XCom by the API server, pooler, logs in S3, triggerer."""
        states = installation.run(pgbouncer=f"127.0.0.1:{installation.pooler.port}")
        assert states == {"": "success", **dict.fromkeys(TASKS, "success")}, installation.logs()

    def test_has_used_what_it_proves(self, installation: Installation) -> None:
        """Each task's log is in the bucket, one of them the triggerer's own; the Variable is gone again."""
        of_tasks = (rf"{task}/attempt=1\.log" for task in TASKS)
        installation.wait_for_logs(*of_tasks, r"deferred/attempt=1\.log\.trigger\..+")
        assert installation.database.query("SELECT key FROM variable") == "admin_password_version"

    def test_names_the_part_that_is_broken(self, installation: Installation) -> None:
        """Where nobody listens at the pooler's place, its task fails and no other."""
        states = installation.run(pgbouncer=f"127.0.0.1:{free_port()}")
        assert states == {"": "failed", **dict.fromkeys(TASKS, "success"), "pgbouncer": "failed"}


class TestWorkerSets:
    def test_run_tasks_of_their_queues(self, installation: Installation) -> None:
        """A task that names a queue of the set runs there, as do those that name none."""
        run_id = installation.trigger("choosing")
        assert installation.wait_for_run(run_id) == "success"
        ran = "SELECT queue, state FROM task_instance WHERE run_id = :'run'"
        assert installation.database.query(ran, run=run_id) == "large|success"


class TestLiveLogs:
    def test_are_read_from_the_worker(self, installation: Installation, tmp_path: Path) -> None:
        """The API server shows the log of a task that runs: from the worker, by its address, not from the bucket."""
        end = tmp_path / "end"
        run_id = installation.trigger("staying", file=str(end))
        running = "SELECT state FROM task_instance WHERE run_id = :'run'"
        try:
            installation.wait_for(running, "running", run=run_id)
            log = installation.live_log(f"staying/dagRuns/{run_id}/taskInstances/wait", "still here")
            assert "still here" in log
            assert [key for key in installation.logs() if run_id in key] == []
        finally:
            end.touch()
        assert installation.wait_for(running, "success", "failed", run=run_id) == "success"


class TestSampleAssets:
    #: How the runs of the consumer have begun, the last one at the end, and what became of them.
    RUNS = "SELECT run_type, state FROM dag_run WHERE dag_id = 'sample_asset_consumer' ORDER BY id"

    def test_consumer_runs_for_its_time(self, installation: Installation) -> None:
        """Once unpaused it runs for the last Monday, alone; an asset that was made before has started nothing."""
        assert installation.wait_for_run(installation.trigger("sample_asset_producer")) == "success"
        unpaused = installation.airflow.run("airflow", "dags", "unpause", "--yes", "sample_asset_consumer")
        assert unpaused.returncode == 0, unpaused.stderr
        assert installation.wait_for(self.RUNS, "scheduled|success", "scheduled|failed") == "scheduled|success"

    def test_consumer_runs_for_the_asset(self, installation: Installation) -> None:
        """The producer's task starts a run of it, which reads the event: whose it is, and what that one said."""
        producing = installation.trigger("sample_asset_producer")
        assert installation.wait_for_run(producing) == "success"
        runs = [f"scheduled|success\nasset_triggered|{state}" for state in ("success", "failed")]
        assert installation.wait_for(self.RUNS, *runs) == runs[0]
        asset = "SELECT run_id FROM dag_run WHERE dag_id = 'sample_asset_consumer' AND run_type = 'asset_triggered'"
        path = f"sample_asset_consumer/dagRuns/{quote(installation.database.query(asset))}/taskInstances/consume"
        assert f"3 rows are new, of the run {producing}" in installation.live_log(path, "rows are new")


class TestSampleSensor:
    def test_waits_in_the_triggerer(self, installation: Installation) -> None:
        """While it waits the task has no worker and a triggerer has it; then it comes back, and the next one runs."""
        run_id = installation.trigger("sample_sensor", wait_seconds=20)
        state = "SELECT state FROM task_instance WHERE run_id = :'run' AND task_id = 'wait'"
        installation.wait_for(state, "deferred", run=run_id)
        held = (
            "SELECT classpath, triggerer_id IS NOT NULL FROM trigger JOIN task_instance ON trigger.id = trigger_id "
            "WHERE run_id = :'run' AND task_id = 'wait'"
        )
        trigger = "airflow.providers.standard.triggers.temporal.DateTimeTrigger"
        assert installation.wait_for(held, f"{trigger}|t", run=run_id)
        assert installation.wait_for_run(run_id) == "success"
        ended = "SELECT task_id, state FROM task_instance WHERE run_id = :'run' ORDER BY start_date"
        assert installation.database.query(ended, run=run_id) == "wait|success\ngo_on|success"
        waited = (
            "SELECT task_instance.end_date - run_after >= '20 s' FROM task_instance JOIN dag_run "
            "USING (dag_id, run_id) WHERE run_id = :'run' AND task_id = 'wait'"
        )
        assert installation.database.query(waited, run=run_id) == "t"
