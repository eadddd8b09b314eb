"""The end of a deploy of several stacks: a table of them, where it stopped and why, and what is next."""

from __future__ import annotations

from collections.abc import Sequence

from ops.console.errors import OperationError
from ops.console.exit_codes import ExitCode
from ops.console.output import Output, table
from ops.console.pages import Page
from ops.console.wording import duration
from ops.running.outcome import Ended, Outcome


def tell_end(output: Output, outcomes: Sequence[Outcome], stacks: Sequence[str]) -> ExitCode:
    """Tell how the stacks ended that were begun, of all that were to be deployed; return the exit code."""
    _show(output, outcomes)
    last = outcomes[-1]
    if last.went_on:
        output.say("Next: python -m ops status")
        _result(output, outcomes, None, "")
    else:
        _stopped(output, last, stacks)
        _result(output, outcomes, last.stack, _next(last))
    return last.ended.exit_code


def tell_refused(output: Output, outcomes: Sequence[Outcome], stack: str, refused: OperationError) -> ExitCode:
    """Tell how those stacks ended after which `stack` could not be begun, and why; return the exit code."""
    _show(output, outcomes)
    output.warn(f"Stopped before {stack}: {refused.message}")
    if refused.help:
        output.warn(refused.help)
    _result(output, outcomes, stack, refused.fix)
    return refused.exit_code


def _show(output: Output, outcomes: Sequence[Outcome]) -> None:
    shown = table("stack", "ended", "changes", "time", "slowest")
    for outcome in outcomes:
        slowest = ", ".join(f"{step.address} {duration(step.seconds)}" for step in outcome.slowest[:3])
        changes = f"{outcome.done} of {outcome.total}" if outcome.total else "none"
        shown.add_row(outcome.stack, outcome.ended.value, changes, duration(outcome.seconds), slowest)
    output.show(shown)


def _result(output: Output, outcomes: Sequence[Outcome], stopped_in: str | None, following: str) -> None:
    output.result(
        {
            "stacks": [outcome.document() for outcome in outcomes],
            "stopped_in": stopped_in,
            "next": following,
        }
    )


def _stopped(output: Output, last: Outcome, stacks: Sequence[str]) -> None:
    done = f", {last.done} of {last.total} changes done" if last.total else ""
    reason = f" ({last.reason})" if last.reason else ""
    output.warn(f"Stopped in {last.stack}: {last.ended.value}{reason}{done}.")
    for failure in last.failures:
        output.warn(f"  {failure}")
    if last.failures:
        output.warn(f"  Messages one by one: {Page.MESSAGES}")
    if last.in_work:
        output.warn(f"  In work when it stopped: {', '.join(last.in_work)}")
    if untouched := stacks[stacks.index(last.stack) + 1 :]:
        output.warn(f"  Not begun: {', '.join(untouched)}")
    output.warn(f"Next: {_next(last)}")
    if page := _page(last):
        output.warn(f"Page: {page}")


def _next(outcome: Outcome) -> str:
    """What to run after a stack that did not end well."""
    if outcome.kept:
        return "remove the cause, then python -m ops recover, which writes that state first; then python -m ops deploy"
    if outcome.ended is Ended.DECLINED:
        return "python -m ops deploy, when the plan is as you want it"
    if outcome.ended is Ended.INTERRUPTED or outcome.in_work or outcome.reason:
        return "python -m ops recover, then python -m ops deploy"
    return "remove the cause, then python -m ops deploy: it goes on where it stopped"


def _page(outcome: Outcome) -> Page | None:
    """Where the documents say what such a stack is left with."""
    if outcome.kept:
        return Page.UNWRITTEN_STATE
    return Page.INTERRUPTED if outcome.ended is Ended.INTERRUPTED or outcome.in_work else None
