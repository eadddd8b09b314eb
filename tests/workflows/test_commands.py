"""No logic lives in YAML: every shell line is a target of the Makefile, a command of `ops`, or one plain program."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from typing import Any

import pytest
import typer.main

from ops.__main__ import application
from tests.workflows.definitions import JOBS, ROOT, SET_UP, Job

#: Lines that are neither: the servers of tests/airflow/, the note for a fork, and Docker's own.
PLAIN = {
    "docker build --pull --file image/Dockerfile .",
    "sudo apt-get update --quiet",
    "sudo apt-get install --yes --no-install-recommends openssh-server pgbouncer postgresql redis-server",
    'echo "$NOTE" | tee -a "$GITHUB_STEP_SUMMARY"',
}
LINES = [(job, line) for job in JOBS for line in job.runs]
MADE = [(job, line) for job, line in LINES if line not in PLAIN]
#: What stands in a line for a variable of its step.
VARIABLE = "dev"

each_line = pytest.mark.parametrize(("job", "line"), MADE, ids=[f"{job}: {line}" for job, line in MADE])


def dry_run(line: str) -> str:
    """What make would do."""
    words = shlex.split(re.sub(r"\$[A-Z_]+", VARIABLE, line))
    return subprocess.run(
        [words[0], "--dry-run", "--no-print-directory", *words[1:]],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def parsed(words: list[str]) -> tuple[str, dict[str, Any]]:
    """Name and parameters of a command of `ops`, as its own command line reads them; `dags check` has two words."""
    command: Any = typer.main.get_command(application())
    context, names = command.make_context("ops", list(words)), []
    while hasattr(command, "commands"):
        name, command, words = command.resolve_command(context, words)
        names.append(name)
        context = command.make_context(name, list(words), parent=context)
    return " ".join(names), context.params


class TestLines:
    def test_are_make_or_plain(self) -> None:
        """Nothing but make targets and the plain lines, each of them used."""
        assert {line for _, line in LINES} >= PLAIN
        assert [
            line
            for _, line in MADE
            if not re.fullmatch(r'make [a-z]+( COMMAND=("[^"]+"|[a-z-]+)| ARGS=[a-z/]+)?', line)
        ] == []

    @each_line
    def test_are_targets_that_exist_with_what_they_need(self, job: Job, line: str) -> None:
        """Make knows the target, and a job whose target needs Terraform installs it before: runners have none."""
        recipe = dry_run(line)
        if re.search(r"prerequisites\.sh [^)]*\bterraform\b", recipe):
            uses = [step.get("uses") for step in job.steps]
            runs = [step.get("run") for step in job.steps]
            assert SET_UP in uses[: runs.index(line)]

    @pytest.mark.parametrize(
        ("job", "line"),
        [(job, line) for job, line in MADE if "COMMAND=" in line],
        ids=[f"{job}: {line}" for job, line in MADE if "COMMAND=" in line],
    )
    def test_are_commands_that_ops_understands(self, job: Job, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """The command exists, and so does each of its options, with the variables that the step gives it."""
        [step] = [step for step in job.steps if step.get("run") == line]
        for name in step.get("env", {}):
            monkeypatch.setenv(name, "destroy" if name == "ACTION" else VARIABLE)
        called = dry_run(line).splitlines()[-1].partition(" -m ops ")[2]
        name, parameters = parsed(shlex.split(called))
        assert f"COMMAND={name}" in line.replace('"', "")
        assert parameters

    @pytest.mark.parametrize("command", ["deploy --no-such-option", "no-such-command", "plan --reports"])
    def test_would_not_be_understood_otherwise(self, command: str) -> None:
        """What does not exist, or lacks its value, is an error."""
        with pytest.raises(Exception, match=r"No such|requires an argument"):
            parsed(shlex.split(command))

    def test_get_only_variables_that_a_command_reads(self) -> None:
        """No variable of a step is given in vain: each is read by name somewhere in `ops`, or stands in the line."""
        sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "ops").rglob("*.py"))
        given = {
            (name, step["run"]) for job in JOBS for step in job.steps if "run" in step for name in step.get("env", {})
        }
        vain = {name for name, line in given if f'"{name}"' not in sources and f"${name}" not in line}
        # Read by tests/availability.py and tests/terraform/toolchain.py.
        assert vain == {"CI_NO_SKIP", "AWS_PROVIDER_VERSION"}
