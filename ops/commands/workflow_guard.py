"""`python -m ops workflow-guard`: whether a workflow may work on an environment, asked before anybody approves it."""

from __future__ import annotations

import os
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated

import typer

from ops.commands import FOR_WORKFLOWS, example
from ops.console.exit_codes import ExitCode
from ops.frame.session import AsJson, EnvName, Session, operate
from ops.workflows.delivered import delivered, require_confirmation
from ops.workflows.workflow_run import give


class Action(StrEnum):
    """What a workflow is about to do."""

    DEPLOY = "deploy"
    RECOVER = "recover"
    DRY_RUN = "dry-run"
    DESTROY = "destroy"


What = Annotated[Action, typer.Option("--action", envvar="ACTION", help="What the workflow is about to do.")]
Typed = Annotated[
    str, typer.Option("--confirmation", envvar="CONFIRMATION", help="The environment's name, typed; for destroy.")
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "workflow-guard", rich_help_panel=FOR_WORKFLOWS, epilog=example("workflow-guard --action deploy --env prod")
    )(guard)


def guard(action: What, env: EnvName = None, confirmation: Typed = "", *, as_json: AsJson = False) -> None:
    """Refuse what no workflow may do; else hand on GitHub environment, role, region and account."""
    operate(lambda session: admit(session, action, confirmation), env=env, as_json=as_json)


def admit(session: Session, action: Action, confirmation: str) -> ExitCode:
    """Check, then hand on.

    Raises:
        OperationError: refused; says why.
    """
    if action is Action.DESTROY:
        require_confirmation(session.operated.name, confirmation)
    job = delivered(session.operated.environment, "apply", os.environ, session.operated.root)
    give(os.environ, **asdict(job))
    session.output.say(
        f"{job.environment}: {action} in the GitHub environment {job.github_environment}, as {job.role}."
    )
    session.output.result(asdict(job))
    return ExitCode.DONE
