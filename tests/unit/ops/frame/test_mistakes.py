"""Mistakes in what the commands are called with: exit code 2 and a few lines, by every command alike."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ops.__main__ import application

COMMANDS = ("preflight", "deploy", "status", "recover", "destroy", "rotate jwt", "kubeconfig", "password", "url")


def run(*arguments: str) -> int:
    """Exit code of `python -m ops`; what it raises else is an error of the test, as it would be a traceback."""
    with pytest.raises(SystemExit) as end:
        application()(list(arguments), prog_name="python -m ops")
    return int(end.value.code or 0)


class TestMistakes:
    @pytest.mark.parametrize("command", COMMANDS)
    def test_no_such_environment(self, command: str, capsys: pytest.CaptureFixture[str]) -> None:
        """A name without a file is answered with those that have one, as text and as a document."""
        assert run(*command.split(), "--env", "nope", "--json") == 2
        said = capsys.readouterr()
        assert "one of dev, prod" in said.err
        assert json.loads(said.out)["error"]["exit_code"] == 2

    @pytest.mark.parametrize("command", COMMANDS)
    def test_two_environments(self, command: str, capsys: pytest.CaptureFixture[str]) -> None:
        """A name and a path together are refused: nobody knows which one is meant."""
        assert run(*command.split(), "--env", "dev", "--env-file", "dev.yaml") == 2
        assert capsys.readouterr().err == "--env and --env-file are both given.\nFix: give one of them\n"

    @pytest.mark.parametrize("text", ["a: [\n", "text\n", "name: dev\nregoin: x\n", "\x00"])
    def test_no_environment_file(self, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """A file that is no YAML, or no environment, is answered by its line and the fix."""
        file = tmp_path / "dev.yaml"
        file.write_text(text, encoding="utf-8")
        assert run("status", "--env-file", str(file)) == 2
        assert "fix: " in capsys.readouterr().err

    @pytest.mark.parametrize(
        ("variables", "said"),
        [
            ({"AWS_PROFILE": "nobody"}, "The config profile (nobody) could not be found"),
            ({"AWS_ENDPOINT_URL": "nonsense"}, "Invalid endpoint: nonsense"),
        ],
        ids=["profile", "endpoint"],
    )
    def test_aws_that_is_set_up_wrongly(
        self,
        variables: dict[str, str],
        said: str,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        """A profile that isn't there, an endpoint that is no address: said, with what to correct."""
        monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        assert run("password", "--env", "dev") == 2
        error = capsys.readouterr().err
        assert said in error
        assert "Fix: " in error
