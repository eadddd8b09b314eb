"""What `python -m ops --help` begins with."""

from __future__ import annotations

import pkgutil
import shlex

import pytest
from typer.testing import CliRunner

from ops import commands
from ops.__main__ import application
from ops.commands import FOR_PEOPLE, FOR_WORKFLOWS
from tests.unit.test_documents import ops_mistake

IN_THE_WORKFLOWS_ONLY = {"changed_environments", "drift_issue", "job_summary", "plan_comment", "workflow_guard"}


class TestHelp:
    def test_people_find_theirs_first(self) -> None:
        """What people run stands first, in the order of an environment's life; what only workflows call has its own
        heading below.
        """
        said = CliRunner().invoke(application(), ["--help"], env={"COLUMNS": "200"}).stdout
        theirs, _, others = said.partition(FOR_WORKFLOWS)
        places = [theirs.index(f"│ {name} ") for name in FOR_PEOPLE]
        assert places == sorted(places)
        assert all(f"│ {name.replace('_', '-')} " in others for name in IN_THE_WORKFLOWS_ONLY)

    def test_every_command_is_there(self) -> None:
        """No module of `ops.commands` is left out."""
        modules = {module.name for module in pkgutil.iter_modules(commands.__path__)}
        registered = {str(command.name).replace("-", "_") for command in application().registered_commands}
        assert registered == modules
        assert set(FOR_PEOPLE) <= modules - IN_THE_WORKFLOWS_ONLY

    @pytest.mark.parametrize("name", sorted(module.name for module in pkgutil.iter_modules(commands.__path__)))
    def test_of_a_command_ends_with_an_example(self, name: str) -> None:
        """One line that can be typed: its options and arguments are there."""
        command = name.replace("_", "-")
        said = CliRunner().invoke(application(), [command, "--help"], env={"COLUMNS": "80"}).stdout
        *_, last = [line.strip() for line in said.splitlines() if line.strip()]
        example = last.removeprefix("Example: python -m ops ")
        assert example != last
        assert shlex.split(example)[0] == command
        assert ops_mistake(shlex.split(example)) is None
