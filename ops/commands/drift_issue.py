"""`python -m ops drift-issue`: opens, updates or closes the issue of every environment that was planned."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from ops.clients.github import GitHub
from ops.commands import FOR_WORKFLOWS, example
from ops.console.exit_codes import ExitCode
from ops.console.output import Output
from ops.frame.session import AsJson
from ops.frame.standalone import standalone
from ops.plan_report.report import read_reports
from ops.workflows.drift_issue import LABEL, Decision, KnownIssue, Step, decide, marker
from ops.workflows.workflow_run import run_url, summarize

Reports = Annotated[Path, typer.Argument(help="Folder with the reports of `python -m ops plan`.")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("drift-issue", rich_help_panel=FOR_WORKFLOWS, epilog=example("drift-issue plans/"))(drift_issue)


def drift_issue(reports: Reports, *, as_json: AsJson = False) -> None:
    """Bring the issues about drift up to date. Exit code 1 where an environment could not be planned."""
    standalone(lambda output: settle(output, reports), as_json=as_json)


def settle(output: Output, folder: Path) -> ExitCode:
    """Decide for each report, and do it."""
    github = GitHub.of(os.environ)
    known = list(github.open_issues(LABEL))
    plans = read_reports(folder)
    done = []
    for plan in plans:
        mark = marker(plan.environment)
        issue = next((KnownIssue(number=i["number"], body=i["body"]) for i in known if _marked(i, mark)), None)
        decision = decide(plan, issue, run_url=run_url(os.environ))
        number = _carry_out(github, decision, issue)
        line = f"{plan.environment}: {decision.step} issue{f' #{number}' if number else ''}: {decision.why}"
        output.say(line)
        summarize(os.environ, f"- {line}")
        done.append({"environment": plan.environment, "step": decision.step, "issue": number, "why": decision.why})
    output.result({"issues": done})
    return ExitCode.DONE if all(plan.ended_well for plan in plans) else ExitCode.FAILED


def _marked(issue: dict[str, str], mark: str) -> bool:
    return (issue["body"] or "").startswith(mark)


def _carry_out(github: GitHub, decision: Decision, issue: KnownIssue | None) -> int | None:
    if decision.step is Step.OPEN:
        return github.open_issue(decision.title, decision.body, LABEL)
    if issue and decision.step is Step.UPDATE:
        github.update_issue(issue.number, decision.title, decision.body)
    if issue and decision.step is Step.CLOSE:
        github.close_issue(issue.number, decision.body)
    return issue.number if issue else None
