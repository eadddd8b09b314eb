"""The page of `status`, for people."""

from __future__ import annotations

from textwrap import fill

from ops.environment import STACKS
from ops.inspection.gathering import Status
from ops.output import Output, table
from ops.plans.report import StackPlan
from ops.recovery.survey import in_words
from ops.session import Session
from ops.states import StackState

#: A certificate authority is one long line.
LONGEST_OUTPUT = 120

#: Columns of a text of many words.
WIDTH = 110
#: A space at which no line is broken.
TOGETHER = "\N{NO-BREAK SPACE}"

#: After a first deploy that has only begun nearly everything is missing.
MOST_MISSING = 12


def show(status: Status, session: Session) -> None:
    """Print the page."""
    output, environment = session.output, session.operated.environment
    output.say(f"{environment.name}: account {environment.account_id}, {environment.region}", style="bold")
    for stack in STACKS:
        output.say()
        if stack in status.states:
            _stack(output, status.states[stack], status.not_deployed.get(stack, []))
        else:
            error = status.not_read.get(f"state of {stack}")
            output.say(f"{stack}: {error.message if error else 'not read, as AWS can not be asked'}", style="bold")
    _versions(output, status)
    _list(output, "Under way or pending in AWS", status.pending)
    _list(output, "Not as a finished run leaves it (python -m ops recover)", list(map(in_words, status.findings)))
    if status.release:
        sign = "  <- Helm was stopped in the middle: python -m ops recover" if status.release.pending else ""
        output.say(f"\nRelease airflow: revision {status.release.number}, {status.release.status}{sign}")
    if status.health is not None:
        says = [f"{name}: {text}" for name, text in status.health.items()]
        _list(output, "Airflow says", says or ["nothing: its api-server does not answer"])
    if status.drift:
        for plan in status.drift.stacks:
            _drift(output, plan)
        if status.drift.sentence or not status.drift.stacks:
            output.say(f"\nDrift: {status.drift.sentence or 'none, as nothing is deployed'}")
    unread = [
        f"{part}: {error.message}"
        for part, error in status.not_read.items()
        if not (part.startswith("state of ") and part.removeprefix("state of ") not in status.states)
    ]
    _list(output, "Not read", unread)
    for fix in dict.fromkeys(error.fix for error in status.not_read.values() if error.fix):
        output.say(f"Fix: {fix}")


def _stack(output: Output, state: StackState, missing: list[str]) -> None:
    output.say(f"{state.stack}: {_how_far(state, missing)}", style="bold")
    output.say(f"  state    {state.location}")
    if state.exists:
        when = f", {state.modified:%Y-%m-%d %H:%M} UTC" if state.modified else ""
        output.say(f"  changed  serial {state.serial}{when}, by Terraform {state.terraform_version or 'unknown'}")
    if state.lock:
        note = ", left behind: its process has ended" if state.lock.left_behind else ""
        output.say(f"  lock     {state.lock}{note}")
    for address in state.tainted:
        output.say(f"  tainted  {address}")
    for address in missing[:MOST_MISSING]:
        output.say(f"  missing  {address}")
    if len(missing) > MOST_MISSING:
        output.say(f"  missing  and {len(missing) - MOST_MISSING} more")
    kinds = ", ".join(f"{count}{TOGETHER}{kind}" for kind, count in sorted(state.by_type.items()))
    if kinds:
        lines = fill(kinds, WIDTH, initial_indent="  objects  ", subsequent_indent=" " * 11)
        output.say(lines.replace(TOGETHER, " "))
    if state.outputs:
        shown = table("  output", "value")
        for name, value in state.outputs.items():
            text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            shown.add_row(f"  {name}", text if len(text) <= LONGEST_OUTPUT else f"{text[:LONGEST_OUTPUT]}...")
        output.show(shown)


def _how_far(state: StackState, missing: list[str]) -> str:
    if state.newer_format:
        return f"written in format {state.format} by a newer Terraform, not readable here"
    if not state.exists:
        return "never deployed"
    if state.empty:
        return "nothing is deployed"
    count = sum(state.by_type.values())
    objects = f"{count} object{'' if count == 1 else 's'}"
    return f"{objects}; {len(missing)} that the file asks for are missing" if missing else objects


def _versions(output: Output, status: Status) -> None:
    if not status.versions:
        return
    output.say()
    shown = table("what", "runs", "file")
    for version in status.versions:
        wanted = f"{version.wanted or 'as EKS chooses'}{' <- deploy' if version.differs else ''}"
        shown.add_row(version.what, version.runs, wanted)
    output.show(shown)


def _drift(output: Output, plan: StackPlan) -> None:
    lines = [f"{change.action.value} {change.address}" for change in plan.changes]
    lines += [f"changed outside of Terraform: {change.address}" for change in plan.outside]
    if plan.sentence:
        lines.append(plan.sentence)
    _list(output, f"Drift of {plan.stack}", lines or ["none"])


def _list(output: Output, title: str, lines: list[str]) -> None:
    if lines:
        output.say(f"\n{title}:")
        for line in lines:
            output.say(f"  {line}")
