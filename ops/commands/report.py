"""`python -m ops report`: the environment on one HTML page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from constructs.airflow.charts.airflow_chart import ChartError, find_chart
from constructs.versions.clock import today

from ops.clients.aws import readable
from ops.commands import example
from ops.commands.picture import DRAWN
from ops.console.errors import NotFoundError, OperationError
from ops.console.exit_codes import ExitCode
from ops.environment.operated import STACKS
from ops.environment.scratch_folder import scratch_folder
from ops.environment.synthesis import SYNTHESIZING, synthesize
from ops.frame.session import AsJson, EnvFile, EnvName, Session, operate
from ops.pictures.stacks import Stacks
from ops.state.reading import StackState, read_state

if TYPE_CHECKING:
    from ops.report.facts import Facts

Into = Annotated[
    Path | None,
    typer.Option("--output", help="The file. Default: report-<environment>.html, here.", show_default=False),
]
Since = Annotated[
    Path | None,
    typer.Option("--since", help="An earlier report. Default: the file that is overwritten.", show_default=False),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("report", epilog=example("report --env prod --output prod.html"))(report)


def report(
    env: EnvName = None, env_file: EnvFile = None, output: Into = None, since: Since = None, *, as_json: AsJson = False
) -> None:
    """Write the environment on one HTML page: pictures, versions, outputs, resources, alarms, who reads which secret.

    Changes nothing in AWS, and shows no value of a secret. What can't be read is said on the page.
    """
    operate(lambda session: write(session, output, since), env=env, env_file=env_file, as_json=as_json)


def write(session: Session, file: Path | None, since: Path | None) -> ExitCode:
    """Gather, and write the page; the exit code is that of the first state that could not be read.

    Raises:
        OperationError: the environment can't be synthesized, or a file to compare with or to overwrite is no report.
    """
    # Templates and all that gathers for them: no other command loads them.
    from ops.report.content import Found, content  # noqa: PLC0415
    from ops.report.page import page  # noqa: PLC0415

    operated, say = session.operated, session.output
    file = file or Path(f"report-{operated.name}.html")
    before = _before(operated.name, file, since)
    stacks = _synthesized(session)
    states, not_read = _states(session)
    found = Found(
        environment=operated.environment,
        names=operated.labels(STACKS[0]).names,
        stacks=stacks,
        states=states,
        not_read=not_read,
        pods=_pods(session, stacks),
        ringing=_ringing(session, stacks) if STACKS[0] in states and not states[STACKS[0]].empty else {},
        pictures={subject.value: drawn[0](stacks) for subject, drawn in DRAWN.items()},
        day=today(operated.environ),
        before=before,
    )
    made = content(found)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(page(made), encoding="utf-8")
    for part, error in not_read.items():
        say.warn(f"Not read: {part}: {error}")
    counted = f"{len(made.changes)} changes since {before.made}" if before else "nothing to compare with"
    say.say(f"{file}: {counted}")
    say.result({"report": str(file), "since": before and before.made, "changes": [vars(each) for each in made.changes]})
    return next((error.exit_code for error in not_read.values()), ExitCode.DONE)


def _before(environment: str, file: Path, since: Path | None) -> Facts | None:
    from ops.report.facts import read_facts  # noqa: PLC0415  # see above

    try:
        replaced = read_facts(file)
    except NotFoundError:
        replaced = None
    before = read_facts(since) if since else replaced
    for name, facts in ((file, replaced), (since, before)):
        if facts and facts.environment != environment:
            raise OperationError(
                f"{name} is a report of {facts.environment}, not of {environment}.",
                fix="name one of this environment with --since, or with --output another place for the new one",
                exit_code=ExitCode.MISTAKE,
            )
    return before


def _synthesized(session: Session) -> Stacks:
    """Elsewhere: a deploy may be at work with what lies in the output folder."""
    with scratch_folder() as folder, session.output.doing(SYNTHESIZING):
        synthesize(replace(session.operated, outdir=folder))
        return Stacks.read(folder)


def _states(session: Session) -> tuple[dict[str, StackState], dict[str, OperationError]]:
    states, not_read = dict[str, StackState](), dict[str, OperationError]()
    for stack in STACKS:
        try:
            with session.output.doing(f"reading the state of {stack}"):
                state = read_state(session.operated, stack, session.aws)
                state.require_known_format()
                states[stack] = state
        except OperationError as error:
            not_read[f"state of {stack}"] = error
    return states, not_read


def _pods(session: Session, stacks: Stacks) -> Mapping[str, Sequence[str]] | None:
    """None where the chart is not at hand; which one is the environment's is not asked of another one."""
    from ops.report.chart_pods import chart_pods  # noqa: PLC0415  # see above

    try:
        chart = find_chart(session.operated.environ, session.operated.root)
    except ChartError:
        chart = None
    if not chart:
        return None
    with session.output.doing("rendering the chart"):
        return chart_pods(stacks, chart, session.operated.environment.airflow.namespace)


def _ringing(session: Session, stacks: Stacks) -> dict[str, str]:
    """Alarm -> its state, as far as the credentials let us ask."""
    names = [
        str(body["alarm_name"]) for body in stacks.infrastructure.resources("aws_cloudwatch_metric_alarm").values()
    ]
    if not names:
        return {}
    try:
        with session.output.doing("asking for the alarms"), readable("read the alarms"):
            session.aws.require_account()
            answer = session.aws.client("cloudwatch").describe_alarms(AlarmNames=names)
    except OperationError as refused:
        session.output.warn(f"Alarms are listed without their state: {refused.message}")
        return {}
    return {str(alarm["AlarmName"]): str(alarm["StateValue"]) for alarm in answer["MetricAlarms"]}
