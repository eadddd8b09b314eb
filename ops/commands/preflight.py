"""`python -m ops preflight`: whether a deploy can succeed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.text import Text

from ops.commands import example
from ops.console.exit_codes import ExitCode
from ops.console.wording import counted
from ops.frame.session import AsJson, EnvFile, EnvName, Session, operate
from ops.preflight.check import Check, Result
from ops.preflight.checking import CHECKING, run_preflight

Quick = Annotated[bool, typer.Option("--quick", help="Leave out the repository of the DAGs, as deploy does.")]

_STYLES = {Result.OK: "green", Result.PROBLEM: "red", Result.UNKNOWN: "yellow", Result.NOT_YET: "dim"}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("preflight", epilog=example("preflight --env prod"))(preflight)


def preflight(env: EnvName = None, env_file: EnvFile = None, *, quick: Quick = False, as_json: AsJson = False) -> None:
    """Check whether a deploy can succeed: tools, account, quotas, state, cluster, certificate, DAGs. Changes nothing.

    Each line is ok, says what to do, or says why it could not be checked. Exit code 3: there is a problem.
    """
    operate(lambda session: check(session, quick=quick), env=env, env_file=env_file, as_json=as_json)


def check(session: Session, *, quick: bool) -> ExitCode:
    """Make the checks and show them; 3 where there is a problem."""
    with session.output.doing(CHECKING) as tell:
        checks = run_preflight(session, quick=quick, tell=tell)
    counts = Counter(made.result for made in checks)
    show(session, checks)
    session.output.say(f"\n{_summary(counts)}")
    session.output.result(
        {
            "environment": session.operated.name,
            "ok": not counts[Result.PROBLEM],
            "checks": [made.document() for made in checks],
        }
    )
    return ExitCode.DECISION if counts[Result.PROBLEM] else ExitCode.DONE


def show(session: Session, checks: Sequence[Check]) -> None:
    """One line for each check, and below it what to do."""
    results, subjects = (max(map(len, texts)) for texts in (Result, [made.subject for made in checks]))
    for made in checks:
        word = (f"{made.result.value:{results}}", _STYLES[made.result])
        session.output.show(Text.assemble(word, f"  {made.subject:{subjects}}  {made.detail}".rstrip()))
        if made.advice:
            session.output.show(Text(f"{'':{results}}  -> {made.advice}"))


def _summary(counts: Counter[Result]) -> str:
    not_checked = f"; {counts[Result.UNKNOWN]} could not be checked" if counts[Result.UNKNOWN] else ""
    problems = counts[Result.PROBLEM]
    if problems:
        return f"{counted(problems, 'problem')}{not_checked}. Next: do what the arrows say."
    return f"No problem found{not_checked}. Next: python -m ops deploy"
