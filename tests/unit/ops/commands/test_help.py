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
        app = application()
        names = [
            *(command.name for command in app.registered_commands),
            *(group.name for group in app.registered_groups),
        ]
        registered = {str(name).replace("-", "_") for name in names}
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

    @pytest.mark.parametrize(
        ("arguments", "mistake"),
        [
            ("dags", None),
            ("dags check --env prod some/folder", None),
            ("dags chekc", "dags has no command chekc"),
            ("dags check --no-such", "check has no option --no-such"),
            ("dags check one two", "check takes 1 arguments, not 2"),
        ],
    )
    def test_documents_are_checked_for_commands_of_two_words(self, arguments: str, mistake: str | None) -> None:
        """What tests know of the command line includes the second word."""
        assert ops_mistake(shlex.split(arguments)) == mistake
