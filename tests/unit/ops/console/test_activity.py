"""What goes on, where there is no terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ops.__main__ import application
from ops.console.activity import Activity
from ops.console.output import Output


class TestWithoutTerminal:
    def test_a_line_for_each_step_on_stderr(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Said when it begins, in order, also with FORCE_COLOR without colours; stdout keeps what was asked for."""
        monkeypatch.setenv("FORCE_COLOR", "1")
        output = Output()
        with output.doing("synthesizing [both]"):
            pass
        with output.doing("infrastructure: planning"):
            output.say("a plan")
        said = capsys.readouterr()
        assert said.out == "a plan\n"
        assert said.err == "... synthesizing [both]\n... infrastructure: planning\n"

    def test_json_stays_one_document(self, capsys: pytest.CaptureFixture[str]) -> None:
        """With --json stdout is the document, and nothing else."""
        output = Output(as_json=True)
        with output.doing("reading"):
            output.result({"a": 1})
        assert json.loads(capsys.readouterr().out) == {"a": 1}

    def test_how_far_it_is_every_half_a_minute(self, capsys: pytest.CaptureFixture[str]) -> None:
        """A step that takes long says how far it is, seldom enough for a log."""
        now = [0.0]
        with Activity(lambda: now[0]).step("planning") as tell:
            for seconds in (1, 31, 45, 61.5):
                now[0] = seconds
                tell(f"planning, {seconds} objects")
        assert capsys.readouterr().err.splitlines() == [
            "... planning",
            "... planning, 31 objects, 31s",
            "... planning, 61.5 objects, 1m02s",
        ]


class TestCommands:
    @pytest.mark.parametrize(
        "command",
        [
            "preflight --quick",
            "deploy",
            "status",
            "plan",
            "recover",
            "destroy",
            "password",
            "url",
            "kubeconfig",
            "restart-database",
        ],
    )
    def test_each_says_at_once_what_it_does(self, command: str, tmp_path: Path) -> None:
        """Before anybody has answered a line on stderr says what is waited for; with --json stdout is one document."""
        endpoint = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_MAX_ATTEMPTS": "1", "CDKTF_OUTDIR": str(tmp_path)}
        keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "PATH": str(tmp_path)}
        words = [*command.split(), "--env", "dev", "--json"]
        done = CliRunner().invoke(application(), words, env={**endpoint, **keys})
        assert done.stderr.startswith("... ")
        assert isinstance(json.loads(done.stdout), dict)
