"""Terraform's logs, which show secret values, as a program and what it starts see them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LOGS = {"TF_LOG": "TRACE", "TF_LOG_PROVIDER_AWS": "DEBUG", "TF_LOG_PATH": "/tmp/log"}  # noqa: S108  # not written
SHOW = "import programs, os, sys\nprint(sorted(n for n in os.environ if n.startswith('TF_')), sys.argv[1:])"


def started(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """What is left of the variables for a program, whose shell has them all, and what it says."""
    own = {name: text for name, text in os.environ.items() if name not in ("GITHUB_ACTIONS", "TF_CLI_CONFIG_FILE")}
    command = [sys.executable, "-c", SHOW, *arguments]
    return subprocess.run(
        command, cwd=ROOT, env={**own, **LOGS, **variables}, capture_output=True, text=True, check=True
    )


class TestTerraformLog:
    def test_is_off(self) -> None:
        """Terraform's own variable and those of its providers are gone, which is one sentence on stderr."""
        done = started("deploy")
        assert done.stdout == "[] ['deploy']\n"
        assert done.stderr.startswith("Terraform's log is off (TF_LOG, TF_LOG_PATH, TF_LOG_PROVIDER_AWS): ")
        assert done.stderr.count("\n") == 1

    @pytest.mark.parametrize(
        ("arguments", "variables"), [(("--with-terraform-log",), {}), ((), {"AIRFLOW_WITH_TERRAFORM_LOG": "1"})]
    )
    def test_is_on_when_asked_for(self, arguments: tuple[str, ...], variables: dict[str, str]) -> None:
        """The argument, wherever it stands, or the variable; the program itself doesn't see the argument."""
        done = started("deploy", *arguments, "--yes", **variables)
        assert done.stdout == f"{sorted(LOGS)} ['deploy', '--yes']\n"
        assert done.stderr == ""

    def test_is_never_on_in_a_workflow(self) -> None:
        """Whoever reads the repository reads a workflow's log: neither argument nor variable counts there."""
        done = started("--with-terraform-log", GITHUB_ACTIONS="true", AIRFLOW_WITH_TERRAFORM_LOG="1")
        assert done.stdout == "[] []\n"
        assert "In a workflow nothing switches it on." in done.stderr

    def test_without_the_variables_nothing_is_said(self) -> None:
        """Empty or not: what isn't set needs no sentence."""
        names = dict.fromkeys(LOGS)
        own = {name: text for name, text in os.environ.items() if name not in names}
        command = [sys.executable, "-c", "import programs"]
        done = subprocess.run(command, cwd=ROOT, env=own, capture_output=True, text=True, check=True)
        assert done.stderr == ""
