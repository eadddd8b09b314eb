"""`python -m ops plan-comment`: the plans' reports as the one comment of a pull request."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from ops.clients.github import GitHub, pull_request_number
from ops.commands import FOR_WORKFLOWS, example
from ops.console.exit_codes import ExitCode
from ops.console.output import Output
from ops.frame.session import AsJson
from ops.frame.standalone import standalone
from ops.plan_report.report import read_reports
from ops.workflows.plan_comment import MARKER, plan_comment
from ops.workflows.workflow_run import run_url, summarize

Reports = Annotated[Path, typer.Argument(help="Folder with the reports of `python -m ops plan`.")]
Expected = Annotated[
    str,
    typer.Option(
        "--expected", envvar="ENVIRONMENTS", help="Environments that were to be planned, with spaces between."
    ),
]
Post = Annotated[bool, typer.Option("--post", help="Write it to the pull request instead of printing it.")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "plan-comment", rich_help_panel=FOR_WORKFLOWS, epilog=example('plan-comment plans/ --expected "dev prod"')
    )(comment)


def comment(reports: Reports, expected: Expected = "", *, post: Post = False, as_json: AsJson = False) -> None:
    """Render the plans' reports; with --post, update the sticky comment. Exit code 1: something was not planned."""
    standalone(lambda output: put_comment(output, reports, expected.split(), post=post), as_json=as_json)


def put_comment(output: Output, folder: Path, expected: list[str], *, post: bool) -> ExitCode:
    """Render and print or post."""
    plans = read_reports(folder)
    commit = os.environ.get("GITHUB_SHA", "")[:7]
    text = plan_comment(plans, expected=expected, commit=commit, run_url=run_url(os.environ))
    done = ""
    if post:
        number = pull_request_number(os.environ)
        done = GitHub.of(os.environ).put_comment(number, MARKER, text, only_update=not plans and not expected)
        summarize(os.environ, text)
        output.say(f"The comment on #{number}: {done}.")
    else:
        output.value(text)
    output.result({"comment": text, "done": done})
    planned = all(plan.ended_well for plan in plans) and {*expected} <= {plan.environment for plan in plans}
    return ExitCode.DONE if planned else ExitCode.FAILED
