"""The page of `status`, for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from textwrap import fill

from ops.console.output import Output, table
from ops.console.pages import Page
from ops.console.wording import counted
from ops.environment.operated import STACKS
from ops.frame.session import Session
from ops.inspection.gathering import Status, not_from_here
from ops.inspection.versions import AS_EKS_CHOOSES, Version
from ops.plan_report.report import Action, StackPlan
from ops.recovery.survey import in_words
from ops.state.reading import StackState
from ops.workflows.plan_dangers import told

#: Columns of a text of many words.
WIDTH = 110
#: A space at which no line is broken.
TOGETHER = "\N{NO-BREAK SPACE}"

#: After a first deploy that has only begun nearly everything is missing.
MOST_MISSING = 12


def show(status: Status, session: Session) -> None:
    """Print the page: first what is not as it should be, then what there is."""
    output, environment = session.output, session.operated.environment
    output.say(f"{environment.name}: account {environment.account_id}, {environment.region}", style="bold")
    _bad_news(output, status)
    for stack in STACKS:
        output.say()
        if stack in status.states:
            _stack(output, status.states[stack], status.not_deployed.get(stack, []))
        else:
            error = status.not_read.get(f"state of {stack}")
            output.say(f"{stack}: {error.message if error else 'not read, as AWS can not be asked'}", style="bold")
    _versions(output, status)
    if environment.airflow.own_image and any(version.image for version in status.versions):
        output.say(
            "\nYour image may have other providers than the official one: airflow providers list, run in it, tells"
        )
    _list(output, "Under way or pending in AWS", status.pending)
    if status.release and not status.release.pending:
        output.say(f"\nRelease airflow: revision {status.release.number}, {status.release.status}")
    if status.health and not _unwell(status):
        _health(output, status.health)
    if status.drift:
        for plan in status.drift.stacks:
            if not _differs(plan):
                _list(output, f"Drift of {plan.stack}", ["none"])
        if not status.drift.sentence and not status.drift.stacks:
            output.say("\nDrift: none, as nothing is deployed")
    _unread(output, status, elsewhere=True)


def _bad_news(output: Output, status: Status) -> None:
    """What somebody has to do something about; nothing where all is well."""
    _list(
        output,
        f"Not as a finished run leaves it (python -m ops recover; {Page.RECOVER})",
        list(map(in_words, status.findings)),
    )
    if status.release and status.release.pending:
        said = f"revision {status.release.number}, {status.release.status}"
        output.say(f"\nRelease airflow: {said}  <- Helm was stopped in the middle: python -m ops recover")
    if status.health is not None and _unwell(status):
        _health(output, status.health)
    if status.drift:
        for plan in filter(_differs, status.drift.stacks):
            _list(output, f"Drift of {plan.stack}", list(drift_lines(plan)))
        if status.drift.sentence:
            output.say(f"\nDrift: {status.drift.sentence}")
    _unread(output, status, elsewhere=False)


def _unread(output: Output, status: Status, *, elsewhere: bool) -> None:
    """What could not be read, or only not from here, and how it can."""
    said_with_its_stack = {f"state of {stack}" for stack in STACKS if stack not in status.states}
    unread = {part: error for part, error in status.not_read.items() if not_from_here(part, error) is elsewhere}
    lines = [f"{part}: {error.message}" for part, error in unread.items() if part not in said_with_its_stack]
    _list(output, "Not read", lines)
    for said in dict.fromkeys(error.help for error in unread.values() if error.help):
        output.say(said)


def _unwell(status: Status) -> bool:
    """Whether Airflow doesn't answer, or says of a part that it isn't healthy."""
    return status.health is not None and {*status.health.values()} != {"healthy"}


def _health(output: Output, health: Mapping[str, str]) -> None:
    says = [f"{name}: {text}" for name, text in health.items()]
    _list(output, "Airflow says", says or ["nothing: its api-server does not answer"])


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
        for name, value in state.outputs.items():  # whole: they are copied
            shown.add_row(f"  {name}", ", ".join(map(str, value)) if isinstance(value, list) else str(value))
        output.show(shown)


def _how_far(state: StackState, missing: list[str]) -> str:
    if state.newer_format:
        return f"written in format {state.format} by a newer Terraform, not readable here"
    if not state.exists:
        return "never deployed"
    if state.empty:
        return "nothing is deployed"
    count = sum(state.by_type.values())
    objects = counted(count, "object")
    return f"{objects}; {len(missing)} that the file asks for are missing" if missing else objects


def _versions(output: Output, status: Status) -> None:
    if not status.versions:
        return
    output.say()
    shown = table("what", "runs", "file", "tested", "supported until", "severe faults")
    for version in status.versions:
        wanted = f"{_wanted(version)}{' <- deploy' if version.differs else ''}"
        shown.add_row(version.what, version.runs, wanted, *_known(version))
    output.show(shown)
    remarks = (str(remark) for version in status.versions if version.verdict for remark in version.verdict.remarks)
    _list(output, "Versions to look at", list(remarks))


def _wanted(version: Version) -> str:
    if version.image:
        return f"{version.wanted or 'not known'} in {version.image}"
    return version.wanted or ("as this machine has it" if version.part else AS_EKS_CHOOSES)


def _known(version: Version) -> tuple[str, str, str]:
    verdict = version.verdict
    if verdict is None:
        return "", "", ""
    until = verdict.supported_until
    severe = ", ".join(fault.id for fault in verdict.faults if fault.is_severe)
    return "yes" if verdict.tested else "no", f"{until}" if until else "", severe


def _differs(plan: StackPlan) -> bool:
    return bool(plan.changes or plan.outside or plan.sentence)


def drift_lines(plan: StackPlan) -> Iterator[str]:
    """What differs, the dangers first, then each change with before and after."""
    yield from map(str, told(plan))
    for change in plan.changes:
        yield f"{change.action} {change.address}"
        yield from (f"    {detail}" for detail in change.details)
    for change in plan.outside:
        deleted = " (deleted)" if change.action is Action.DESTROY else ""
        yield f"changed outside of Terraform: {change.address}{deleted}"
        yield from (f"    {detail}" for detail in change.details)
    if plan.sentence:
        yield plan.sentence


def _list(output: Output, title: str, lines: list[str]) -> None:
    if lines:
        output.say(f"\n{title}:")
        for line in lines:
            output.say(f"  {line}")
