"""The Airflow that DAG files are imported in where there is no Docker."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ops.console.errors import OperationError
from ops.dag_check.installing import Installation


@pytest.fixture
def wanted(tmp_path: Path) -> Installation:
    """One of a version, with packages of its own."""
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("pandas\n")
    return Installation(root=tmp_path, version="3.3.2", requirements=requirements)


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[Sequence[str]]:
    """What was run; a virtual environment gets its folder, and nothing else happens."""
    ran: list[Sequence[str]] = []

    def run(command: Sequence[str], **_: Any) -> subprocess.CompletedProcess[str]:
        ran.append(command)
        if "venv" in command:
            Path(command[-1]).mkdir(parents=True)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", run)
    return ran


class TestInstallation:
    def test_has_the_versions_of_the_image(self, wanted: Installation) -> None:
        """Exactly the environment's Airflow, and all else by its constraints for this Python; requirements, too."""
        *_, last = wanted.commands()
        line = f"constraints-3.3.2/constraints-{sys.version_info.major}.{sys.version_info.minor}.txt"
        assert last[last.index("--constraint") + 1].endswith(line)
        assert "apache-airflow==3.3.2" in last
        assert last[-2:] == ("--requirement", str(wanted.requirements))

    def test_takes_other_constraints(self, wanted: Installation) -> None:
        """A file, where GitHub is not reached; for the installer as for what it installs."""
        _, uv, last = replace(wanted, constraints="c.txt").commands()
        assert [command[command.index("--constraint") + 1] for command in (uv, last)] == ["c.txt", "c.txt"]

    def test_is_made_once(self, wanted: Installation, commands: list[Sequence[str]]) -> None:
        """What is complete is not made again, until another line stands in the requirements."""
        wanted.make({})
        assert commands == [*wanted.commands()]
        wanted.make({})
        assert len(commands) == 3
        assert wanted.requirements
        wanted.requirements.write_text("pandas\npolars\n")
        wanted.make({})
        assert len(commands) == 6

    def test_that_fails_is_not_taken_for_complete(
        self, wanted: Installation, commands: list[Sequence[str]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What the installer said is told, and the next check tries again."""
        works: Callable[..., Any] = subprocess.run

        def fails(command: Sequence[str], **kept: Any) -> subprocess.CompletedProcess[str]:
            works(command, **kept)
            return subprocess.CompletedProcess(command, int("uv" in command[0]), "", "no such host")

        monkeypatch.setattr(subprocess, "run", fails)
        for tries in (1, 2):
            with pytest.raises(OperationError, match=r"Airflow 3\.3\.2 could not be installed(.|\n)*no such host"):
                wanted.make({})
            assert len(commands) == 3 * tries
