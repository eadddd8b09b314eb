"""DAGs that Airflow fetches itself: a real DAG processor and real tasks, from real Git servers."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from constructs.airflow.jobs.commands import ADMIN_USERNAME
from constructs.airflow.secrets.bundle_secrets import connection
from constructs.airflow.secrets.secret_names import BUNDLE_KEY, BUNDLE_KNOWN_HOSTS, bundle_folder
from constructs.airflow.secrets.written_secrets import private_key
from constructs.airflow.values.bundles import PLACE, connection_variable
from constructs.airflow.values.places import value_at
from constructs.airflow.web.proxy_trust import API_SERVER_ARGUMENTS
from constructs.settings.sections.airflow.dags import BundleSettings, DagsSettings

from ops.clients.airflow import AirflowApi
from ops.console.errors import NoPermissionError
from ops.dag_sources.sources import Heard, sources
from ops.preflight.repository import Answer
from tests.airflow import web_server
from tests.airflow.api import Api
from tests.airflow.conftest import ADMIN_PASSWORD, through
from tests.airflow.installation import PROGRAMS
from tests.airflow.pgbouncer import PgBouncer
from tests.airflow.postgresql import PostgreSql
from tests.airflow.servers import MissingProgramError, Server, free_port, server_folder
from tests.airflow.ssh_server import SshServer, make_key
from tests.availability import unavailable
from tests.chart.environments import values
from tests.ops.git_server import GitServer

pytestmark = pytest.mark.slow

#: Generous: the machine may be busy with other tests.
PATIENCE = 300.0
#: Writes which version of itself each task is, and waits in between.
DAG = """
import time
from pathlib import Path
from airflow.sdk import dag, get_current_context, task

VERSION = "{version}"

@dag(schedule=None, is_paused_upon_creation=False, params={{"folder": ""}})
def {name}():
    def say(task):
        folder = Path(get_current_context()["params"]["folder"])
        (folder / task).write_text(VERSION)
        return folder

    @task
    def begin():
        folder = say("begin")
        deadline = time.monotonic() + 600
        while not (folder / "go").exists() and time.monotonic() < deadline:
            time.sleep(0.2)

    @task
    def end():
        say("end")

    begin() >> end()

{name}()
"""


def _dag(name: str, version: int) -> dict[str, str]:
    return {f"dags/{name}.py": DAG.format(name=name, version=version)}


@dataclass(frozen=True)
class Bundled:
    """Airflow with its DAGs in bundles, and the server of one of them."""

    api: Api
    database: PostgreSql
    git: Path
    port: int
    serving: contextlib.ExitStack
    processor: Server
    components: tuple[Server, ...]

    def wait_for(self, statement: str, accepted: str, **given: str) -> None:
        """Ask the database until it gives the answer; show what the components say where it doesn't."""
        deadline, answer = time.monotonic() + PATIENCE, ""
        while time.monotonic() < deadline:
            if (answer := self.database.query(statement, **given)) == accepted:
                return
            time.sleep(0.5)
        output = "\n".join(f"--- {server.log.name}\n{server.output()[-3000:]}" for server in self.components)
        raise AssertionError(f"{statement}\n{answer}\n{output}")

    def wait_for_version(self, commit: str) -> None:
        """Wait until the DAG `fetched` is parsed from a commit."""
        newest = "SELECT bundle_version FROM dag WHERE dag_id = 'fetched' AND NOT is_stale"
        self.wait_for(newest, commit)

    def trigger(self, dag: str, folder: Path) -> None:
        """Start a run that writes into a folder, and is called like it."""
        folder.mkdir()
        self.wait_for("SELECT count(*) FROM dag WHERE dag_id = :'dag' AND NOT is_stale", "1", dag=dag)
        run = {"dag_run_id": folder.name, "logical_date": None, "conf": {"folder": str(folder)}}
        status, answer = self.api.send(f"/api/v2/dags/{dag}/dagRuns", **run)
        assert status == 200, answer

    def finish(self, folder: Path) -> dict[str, str]:
        """Let a run go on to its end; return the version that each of its tasks was of."""
        (folder / "go").touch()
        self.wait_for("SELECT state FROM dag_run WHERE run_id = :'run'", "success", run=folder.name)
        return {name: (folder / name).read_text() for name in ("begin", "end")}


def _evaluated(expression: str) -> str:
    """Return what Terraform makes of an expression."""
    console = subprocess.run(
        ("terraform", "console"), input=f"jsonencode({expression})\n", capture_output=True, text=True, check=True
    )
    text: str = json.loads(json.loads(console.stdout))
    return text


def _connections(folder: Path, bundles: Mapping[str, Mapping[str, Any]], secrets: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that pods have of their secrets, with files of a key in a folder in place of a volume."""
    found = {}
    for name, body in bundles.items():
        bundle = BundleSettings.model_validate(body)
        if not bundle.credentials_secret:
            continue
        value = connection(name, bundle, f"${{{json.dumps(secrets[name])}}}")
        if bundle.uses_ssh:
            mounted = folder / name
            mounted.mkdir(parents=True)
            # As consoles and shells leave it: without the end of its last line.
            key = private_key(f"${{{json.dumps(secrets[name].strip())}}}")
            (mounted / BUNDLE_KEY).write_text(_evaluated(key[2:-1]))
            (mounted / BUNDLE_KEY).chmod(0o600)
            (mounted / BUNDLE_KNOWN_HOSTS).write_text(f"{bundle.known_hosts}\n")
            value = value.replace(bundle_folder(name), str(mounted))
        found[connection_variable(name)] = _evaluated(value[2:-1]) if value.startswith("${") else value
    return found


@pytest.fixture(scope="module")
def bundled(
    server: PostgreSql, preparing_pooler: PgBouncer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Bundled]:
    """Two bundles that are right, by token and by key, and four with a mistake each."""
    home = tmp_path_factory.mktemp("bundled")
    with contextlib.ExitStack() as stack:
        try:
            ssh = stack.enter_context(SshServer.running(stack.enter_context(server_folder()), _dag("by_key", 1)))
        except MissingProgramError as missing:
            unavailable(str(missing))
        serving = stack.enter_context(contextlib.ExitStack())
        git = serving.enter_context(GitServer.running(home / "git"))
        git.push(_dag("fetched", 1))
        make_key(home / "strange")
        strange = (home / "strange.pub").read_text().split()[:2]
        by_key = {"repository": ssh.url, "ssh_key_secret_name": "k", "known_hosts": ssh.known_hosts}
        by_token = {"repository": git.url, "token_secret_name": "t", "sync_period_seconds": 5}
        bundles: dict[str, dict[str, Any]] = {
            "team-a": by_token,
            "team-b": by_key,
            "wrong-key": by_key,
            "other-host": {**by_key, "known_hosts": " ".join([ssh.known_hosts.split()[0], *strange])},
            "no-branch": {**by_key, "branch": "none"},
            "wrong-token": by_token,
        }
        secrets = {
            "team-a": f"{git.token}\n",
            "team-b": ssh.key,
            "wrong-key": (home / "strange").read_text(),
            "other-host": ssh.key,
            "no-branch": ssh.key,
            "wrong-token": "another",
        }
        listed = value_at(PLACE, values("dev", dags={"source": "bundles", "bundles": bundles}))
        variables = {
            **_connections(home / "etc", bundles, secrets),
            "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps(listed),
            "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH": str(home / "storage"),
            "GIT_SSL_CAINFO": str(git.authority),
        }
        airflow = through(
            preparing_pooler,
            home,
            PROGRAMS,
            **variables,
            AIRFLOW__CORE__EXECUTOR="LocalExecutor",
            AIRFLOW__CORE__PARALLELISM="4",
            AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT=str(PATIENCE),
            AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT=str(free_port()),
        )
        api = stack.enter_context(web_server.running(airflow, API_SERVER_ARGUMENTS))
        airflow = airflow.with_(
            AIRFLOW__CORE__EXECUTION_API_SERVER_URL=f"http://127.0.0.1:{api.port}/execution/", **web_server.SECRETS
        )
        components = [
            stack.enter_context(
                Server(("airflow", name), home / f"{name}.log", environment=airflow.environment, patience=5)
            )
            for name in ("dag-processor", "scheduler")
        ]
        port = int(re.search(r":(\d+)/", git.url)[1])  # type: ignore[index]  # there is one
        user = Api.logged_in(api.port, ADMIN_PASSWORD)
        servers = (api.server, *components)
        yield Bundled(user, server, home / "git", port, serving, components[0], servers)


class TestBundles:
    def test_a_run_ends_on_the_version_that_it_began_with(self, bundled: Bundled, tmp_path: Path) -> None:
        """A push in the midst of it is for the next run."""
        first, second = tmp_path / "first", tmp_path / "second"
        bundled.trigger("fetched", first)
        running = "SELECT count(*) FROM task_instance WHERE run_id = 'first' AND state = 'running'"
        bundled.wait_for(running, "1")
        server = GitServer("", "", bundled.git / "authority.pem")
        bundled.wait_for_version(server.push(_dag("fetched", 2)))
        assert bundled.finish(first) == {"begin": "1", "end": "1"}
        bundled.trigger("fetched", second)
        assert bundled.finish(second) == {"begin": "2", "end": "2"}

    def test_a_repository_behind_a_key_is_fetched(self, bundled: Bundled, tmp_path: Path) -> None:
        """By SSH, with the key of the secret and the host's key that is known."""
        bundled.trigger("by_key", tmp_path / "keyed")
        assert bundled.finish(tmp_path / "keyed") == {"begin": "1", "end": "1"}
        bundle = "SELECT bundle_name FROM dag WHERE dag_id = 'by_key'"
        assert bundled.database.query(bundle) == "team-b"

    def test_without_its_server_the_last_version_goes_on(self, bundled: Bundled, tmp_path: Path) -> None:
        """DAGs stay, and run; when it is back, what was pushed meanwhile comes."""
        bundled.wait_for("SELECT count(*) FROM dag WHERE dag_id = 'fetched' AND NOT is_stale", "1")
        before = bundled.processor.output().count("Failed to connect")
        bundled.serving.close()
        deadline = time.monotonic() + PATIENCE
        while bundled.processor.output().count("Failed to connect") == before and time.monotonic() < deadline:
            time.sleep(0.5)
        bundled.trigger("fetched", tmp_path / "away")
        assert set(bundled.finish(tmp_path / "away").values()) <= {"1", "2"}
        commit = GitServer("", "", bundled.git / "authority.pem").push(_dag("fetched", 3))
        bundled.serving.enter_context(GitServer.running(bundled.git, bundled.port))
        bundled.wait_for_version(commit)

    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("wrong-key", "Permission denied (publickey)"),
            ("other-host", "Host key verification failed"),
            ("no-branch", "pathspec 'none' did not match"),
            ("wrong-token", "Authentication failed"),
        ],
    )
    def test_a_mistake_is_in_the_processors_log(self, bundled: Bundled, name: str, words: str) -> None:
        """With the bundle's name; the other bundles are fetched all the same."""
        deadline = time.monotonic() + PATIENCE
        while words not in (output := bundled.processor.output()) and time.monotonic() < deadline:
            time.sleep(0.5)
        assert words in output
        assert f"Error initializing bundle {name}" in output

    def test_operators_are_told_which_commit_runs(self, bundled: Bundled) -> None:
        """By the real API, as `ops dags status` reads it: what the DAG is of, and the file that can't be imported."""
        broken = {"dags/broken.py": "from airflow.sdk import dag\nimport nothing_of_that_name\n"}
        commit = GitServer("", "", bundled.git / "authority.pem").push(broken)
        bundled.wait_for_version(commit)
        bundled.wait_for("SELECT count(*) FROM import_error WHERE filename LIKE '%broken.py'", "1")
        api = AirflowApi.signed_in(f"http://127.0.0.1:{bundled.api.port}", ADMIN_USERNAME, ADMIN_PASSWORD)
        answers = {"team-a": Answer({"refs/heads/main": commit})}
        heard = Heard(answers=answers, dags=[*api.dags()], errors=[*api.import_errors()], at=datetime.now(UTC))
        dags = DagsSettings.model_validate(
            {"source": "bundles", "bundles": {"team-a": {"repository": "https://git.example.com/a.git"}}}
        )
        # The other bundles are in Airflow, and not in this file: told after it.
        source, *_ = sources(dags, "", heard)
        assert (source.commits, source.newest, source.is_behind) == ([commit], commit, False)
        [failure] = source.failures
        assert str(failure) == "broken.py:2: ModuleNotFoundError: No module named 'nothing_of_that_name'"
        with pytest.raises(NoPermissionError, match="does not take the password of admin"):
            AirflowApi.signed_in(api.url, ADMIN_USERNAME, "wrong")

    def test_no_log_has_a_secret(self, bundled: Bundled) -> None:
        """Neither a token nor a key, of whichever component."""
        printed = "".join(server.output() for server in bundled.components)
        assert "token-of-the-dags" not in printed
        assert "PRIVATE KEY" not in printed
