"""`python -m ops job-summary`: Airflow's address and the outputs, into the summary of a workflow's job."""

from __future__ import annotations

import os

import typer

from ops.commands import FOR_WORKFLOWS, example
from ops.console.exit_codes import ExitCode
from ops.frame.session import AsJson, EnvFile, EnvName, Session, operate
from ops.state.reading import read_states
from ops.workflows.job_summary import job_summary
from ops.workflows.workflow_run import summarize


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("job-summary", rich_help_panel=FOR_WORKFLOWS, epilog=example("job-summary --env prod"))(summary)


def summary(env: EnvName = None, env_file: EnvFile = None, *, as_json: AsJson = False) -> None:
    """Say what is deployed now, in Markdown: into the job's summary, elsewhere on stdout."""
    operate(write_summary, env=env, env_file=env_file, as_json=as_json)


def write_summary(session: Session) -> ExitCode:
    """Read the states and write the summary.

    Raises:
        OperationError: a state can't be read.
    """
    with session.output.doing("reading both states"):
        states = read_states(session.operated, session.aws)
    text = job_summary(session.operated.name, states)
    if not summarize(os.environ, text):
        session.output.value(text)
    session.output.result({"summary": text})
    return ExitCode.DONE
