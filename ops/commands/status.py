"""`python -m ops status`: the environment on one page."""

from __future__ import annotations

from typing import Annotated

import typer

from ops.commands import example
from ops.console.exit_codes import ExitCode
from ops.frame.session import AsJson, EnvFile, EnvName, Session, operate
from ops.inspection.gathering import DECLARED, Gathering, Status, document, not_from_here
from ops.inspection.page import show
from ops.plan_report.report import Status as Planned

Drift = Annotated[bool, typer.Option("--drift", help="Plan both stacks, without a lock, and show what differs.")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("status", epilog=example("status --env prod --drift"))(status)


def status(env: EnvName = None, env_file: EnvFile = None, *, drift: Drift = False, as_json: AsJson = False) -> None:
    """Show both states on one page: what runs, what is pending, what is left over; with --drift what differs.

    Changes nothing. What can't be read is named instead. Exit code 3: there is drift.
    """
    operate(lambda session: show_status(session, drift=drift), env=env, env_file=env_file, as_json=as_json)


def show_status(session: Session, *, drift: bool) -> ExitCode:
    """Show what can be read, and say what can't and why. Changes nothing in AWS."""
    found = Gathering(session).run(drift=drift)
    if session.output.as_json:
        session.output.result(document(found, session))
    else:
        show(found, session)
    return exit_code(found)


def exit_code(found: Status) -> ExitCode:
    """Of the first part that wasn't read although everybody can read it; 3 where drift was found.

    Without Node.js, say, the stacks can't be synthesized: then the page has what states and account say.
    """
    for part, error in found.not_read.items():
        if part != DECLARED and not not_from_here(part, error):
            return error.exit_code
    if found.drift:
        if not found.drift.ended_well:
            return ExitCode.FAILED
        if any(plan.status is Planned.PLANNED and (plan.changes or plan.outside) for plan in found.drift.stacks):
            return ExitCode.DECISION
    return ExitCode.DONE
