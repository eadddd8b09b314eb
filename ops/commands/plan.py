"""`python -m ops plan`: what a deploy would do, as a report for the comment and the issue."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer
from constructs.capacity.fit import Fit
from constructs.capacity.remarks import Gravity, findings
from constructs.settings.loading.versions import aging_versions
from constructs.versions.clock import today

from ops.commands import example
from ops.console.exit_codes import ExitCode
from ops.console.output import table
from ops.environment.chart_values import chart_values
from ops.environment.operated import OperatedEnvironment
from ops.frame.session import AsJson, EnvFile, EnvName, Session, operate
from ops.plan_report.report import Action, Status, write_report
from ops.plans.making import plan_environment
from ops.state.reading import read_state
from ops.workflows.plan_dangers import summed, told

Reports = Annotated[Path | None, typer.Option("--reports", help="Folder for the report <environment>.json.")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("plan", epilog=example("plan --env prod --reports plans/"))(plan)


def plan(env: EnvName = None, env_file: EnvFile = None, reports: Reports = None, *, as_json: AsJson = False) -> None:
    """Synthesize and plan both stacks without a lock; nothing is changed. Changes are no failure: exit code 0."""
    operate(lambda session: make_plan(session, reports), env=env, env_file=env_file, as_json=as_json)


def make_plan(session: Session, reports: Path | None) -> ExitCode:
    """Plan, say how it ended, and write the report."""
    output = session.output
    operated = session.operated
    made = plan_environment(
        operated, lambda stack: read_state(operated, stack, session.aws), output.say, doing=output.doing
    )
    made = replace(
        made,
        aging=tuple(aging_versions(operated.environment, today(operated.environ))),
        crowded=() if made.failed else _crowded(operated),
    )
    if reports:
        write_report(made, reports)
    lines = table("Stack", *(str(action) for action in Action), "")
    for stack in made.stacks:
        counts = [str(stack.counts[action]) if stack.status is Status.PLANNED else "" for action in Action]
        remark = {Status.FAILED: "failed", Status.SKIPPED: stack.sentence}.get(stack.status, "")
        lines.add_row(stack.stack, *counts, remark)
    output.show(lines)
    for stack in made.stacks:
        if found := told(stack):
            output.say(f"\n{stack.stack}: {summed(found).lower()}", style="bold")
            for one in found:
                output.say(f"  {one}")
    for head, sentences in (("Versions", made.aging), ("Room for the pods", made.crowded)):
        if sentences:
            output.say(f"\n{head}:", style="bold")
        for sentence in sentences:
            output.say(f"  {sentence}")
    if made.sentence:
        output.warn(made.sentence)
    output.result(asdict(made))
    return ExitCode.DONE if made.ended_well else ExitCode.FAILED


def _crowded(operated: OperatedEnvironment) -> tuple[str, ...]:
    """Why pods find no node, or only without a reserve; the synthesis has read both files without a mistake."""
    found = findings(Fit.of(operated.environment, chart_values(operated)))
    return tuple(finding.text for finding in found if finding.gravity is not Gravity.OTHER)
