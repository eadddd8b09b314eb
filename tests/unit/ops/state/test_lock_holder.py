"""Whether the holder of a lock is at work: asked on its own machine, and at GitHub."""

from __future__ import annotations

import fcntl
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ops.state.bucket_lock import holder_file
from ops.state.lock_holder import Holder, Verdict, judge
from tests.unit.ops.github_server import REPOSITORY, GitHubServer, github_server

ID = "5f0c1d2e-0000-4000-8000-000000000004"
#: Another process that is at work, as Terraform goes on where the command that started it was killed.
AT_WORK = """
import fcntl, sys
file = open(sys.argv[1], "rb")
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def here(tmp_path: Path) -> Holder:
    """A process of this machine that has ended; another process has its number by now: this one."""
    file = holder_file(tmp_path, "infrastructure", ID)
    file.touch()
    return Holder(host=socket.gethostname(), process=os.getpid(), file=str(file))


@pytest.fixture
def github() -> Iterator[GitHubServer]:
    """GitHub's API."""
    with github_server() as server:
        yield server


def of_a_run(server: GitHubServer, folder: Path) -> tuple[Holder, dict[str, str]]:
    """The second attempt of the run 77, which was on another machine; and the variables of who asks, run 42."""
    environ = server.environ(folder)
    run = Holder(
        host="fv-az-1", process=4711, file=f"/home/runner/.infrastructure.{ID}.at-work",
        server=environ["GITHUB_SERVER_URL"], repository=REPOSITORY, run="77", attempt="2",
        runner="github-hosted",
    )  # fmt: skip
    return run, environ


class TestProcess:
    def test_of_this_machine_that_has_ended(self, here: Holder) -> None:
        """Nobody has its file locked: it is gone, also where another process has got its number."""
        found = judge(here, ID, {})
        assert found.verdict is Verdict.GONE
        assert found.words == f"process {os.getpid()} of this machine has ended"

    def test_of_this_machine_that_is_at_work(self, here: Holder) -> None:
        """As long as the process, or one that it has started, has its file locked, it is at work."""
        with subprocess.Popen(
            [sys.executable, "-c", AT_WORK, here.file], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout
            process.stdout.readline()
            assert judge(here, ID, {}).verdict is Verdict.AT_WORK
            process.communicate("")
        assert judge(here, ID, {}).verdict is Verdict.GONE

    def test_of_another_machine(self, here: Holder) -> None:
        """What is no process of this machine can't be told to have ended, though there is a file of that name."""
        assert judge(replace(here, host="elsewhere"), ID, {}).verdict is Verdict.UNKNOWN

    @pytest.mark.parametrize("missing", ["file", "name", "identifier"])
    def test_without_its_own_file(self, here: Holder, missing: str, tmp_path: Path) -> None:
        """A file that is gone, or is none of a lock with an ID of ours, proves nothing."""
        other = tmp_path / "id_rsa"
        other.touch()
        if missing == "file":
            Path(here.file).unlink()
        elif missing == "name":
            here = replace(here, file=str(other))
        identifier = "id_rsa" if missing == "identifier" else ID
        assert judge(here, identifier, {}).verdict is Verdict.UNKNOWN

    def test_that_terraform_alone_has_locked(self) -> None:
        """Terraform's own lock says who, and nothing by which that could be asked."""
        assert judge(None, ID, {}).verdict is Verdict.UNKNOWN


class TestWorkflowRun:
    @pytest.mark.parametrize(
        ("status", "verdict"),
        [("completed", Verdict.GONE), ("in_progress", Verdict.AT_WORK), ("queued", Verdict.AT_WORK)],
    )
    def test_as_github_says(self, github: GitHubServer, tmp_path: Path, status: str, verdict: Verdict) -> None:
        """The attempt that holds the lock is gone when GitHub calls it completed, and at work else."""
        run, environ = of_a_run(github, tmp_path)
        github.runs["77/attempts/2"] = {"status": status, "conclusion": "cancelled" if status == "completed" else None}
        found = judge(run, ID, environ)
        assert found.verdict is verdict
        assert found.words.startswith("GitHub says that the run ")
        assert github.calls == ["GET actions/runs/77/attempts/2"]

    @pytest.mark.parametrize("runner", ["self-hosted", ""], ids=["own", "not recorded"])
    def test_on_a_runner_that_outlives_it(self, github: GitHubServer, tmp_path: Path, runner: str) -> None:
        """Where the machine goes on after the run, Terraform may, too: it is said where to look for it."""
        run, environ = of_a_run(github, tmp_path)
        github.runs["77/attempts/2"] = {"status": "completed", "conclusion": "cancelled"}
        found = judge(replace(run, runner=runner), ID, environ)
        assert found.verdict is Verdict.UNKNOWN
        assert "process 4711 on fv-az-1" in found.words

    @pytest.mark.parametrize(
        ("variables", "says"),
        [
            ({"GITHUB_TOKEN": ""}, "GITHUB_TOKEN is not set"),
            ({"GITHUB_TOKEN": "another"}, "GitHub refused GET actions/runs/77/attempts/2: 401"),
            ({"GITHUB_API_URL": "http://127.0.0.1:9"}, "GitHub doesn't answer"),
            ({"GITHUB_SERVER_URL": "https://github.com"}, "it is one of https://github.example"),
            ({}, "404"),
        ],
        ids=["no token", "refused", "no answer", "another GitHub", "unknown"],
    )
    def test_that_cannot_be_asked_for(
        self,
        github: GitHubServer,
        tmp_path: Path,
        variables: dict[str, str],
        says: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Whatever keeps GitHub from saying that the run has ended leaves the question open, and is said."""
        monkeypatch.setattr("urllib3.Retry.sleep", lambda *_: None)  # it asks again and again, here at once
        run, environ = of_a_run(github, tmp_path)
        found = judge(run, ID, {**environ, **variables})
        assert found.verdict is Verdict.UNKNOWN
        assert says in found.words

    def test_that_is_none(self, github: GitHubServer, tmp_path: Path) -> None:
        """What a lock names is not put into an address unless it can be a run: nothing is asked."""
        run, environ = of_a_run(github, tmp_path)
        for odd in (replace(run, run="77/../../x"), replace(run, repository="acme"), replace(run, attempt="?")):
            assert judge(odd, ID, environ).verdict is Verdict.UNKNOWN
        assert github.calls == []

    def test_of_this_machine_needs_no_github(self, here: Holder, github: GitHubServer, tmp_path: Path) -> None:
        """An earlier step of the same run whose process has ended is gone, though the run goes on."""
        run, environ = of_a_run(github, tmp_path)
        github.runs["77/attempts/2"] = {"status": "in_progress", "conclusion": None}
        assert judge(replace(run, host=here.host, file=here.file), ID, environ).verdict is Verdict.GONE


class TestHolder:
    def test_here(self, tmp_path: Path) -> None:
        """This process, on this machine, in the run that the variables name; the lock's text brings it back."""
        variables = {
            "GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_RUN_ID": "77", "GITHUB_RUN_ATTEMPT": "1", "RUNNER_ENVIRONMENT": "self-hosted",
        }  # fmt: skip
        holder = Holder.here(variables, tmp_path / "file")
        assert (holder.process, holder.host) == (os.getpid(), socket.gethostname())
        assert str(holder) == f"workflow run https://github.com/{REPOSITORY}/actions/runs/77"
        assert str(Holder.here({}, tmp_path)) == f"process {os.getpid()}"
        assert holder.runner == "self-hosted"
        assert Holder.of(holder.document()) == holder

    @pytest.mark.parametrize("content", [None, "ann", {}, {"process": "1"}, {"process": 1, "file": ["x"]}])
    def test_that_is_none(self, content: object) -> None:
        """Whatever else stands in a lock is no holder."""
        assert Holder.of(content) is None

    def test_a_pipe_is_no_file(self, tmp_path: Path) -> None:
        """A lock can't make us wait at what is no plain file."""
        pipe = holder_file(tmp_path, "infrastructure", ID)
        os.mkfifo(pipe)
        assert judge(Holder(host=socket.gethostname(), process=1, file=str(pipe)), ID, {}).verdict is Verdict.UNKNOWN

    def test_asked_twice_at_once(self, here: Holder) -> None:
        """Who asks takes no part: two that ask at the same time both hear that it is gone."""
        with Path(here.file).open("rb") as asking:
            fcntl.flock(asking, fcntl.LOCK_SH)
            assert judge(here, ID, {}).verdict is Verdict.GONE
