"""`python -m ops changed-environments`: which environments a change touches, for the matrix of a workflow."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ops.commands import FOR_WORKFLOWS, example
from ops.console.errors import OperationError
from ops.console.exit_codes import ExitCode
from ops.console.output import Output
from ops.environment.operated import load
from ops.frame.session import AsJson
from ops.frame.standalone import standalone
from ops.plan_report.report import EnvironmentPlan, write_report
from ops.workflows.changed_environments import ENVIRONMENTS, Touched, touched_environments
from ops.workflows.delivered import Delivered, delivered
from ops.workflows.workflow_run import give
from programs.own_tools import ROOT

#: A workflow checks out the merge of a pull request: its first parent is what it would be merged into.
MERGED_INTO = "HEAD^1"

Base = Annotated[str, typer.Option("--base", help="Commit to compare with.")]
Everything = Annotated[bool, typer.Option("--all", help="All environments, whatever has changed.")]
Notes = Annotated[Path | None, typer.Option("--notes", help="Folder for reports that say why one is not planned.")]

_REMOVED = (
    "its file is deleted, and what was deployed stays: bring it back, destroy the environment, then delete the file"
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "changed-environments", rich_help_panel=FOR_WORKFLOWS, epilog=example("changed-environments --base origin/main")
    )(changed)


def changed(
    base: Base = MERGED_INTO, notes: Notes = None, *, everything: Everything = False, as_json: AsJson = False
) -> None:
    """List the environments that a change touches; in a workflow, hand on what their jobs need (`matrix`, `names`)."""
    standalone(lambda output: list_changed(output, ROOT, base, notes, everything=everything), as_json=as_json)


def list_changed(output: Output, root: Path, base: str, notes: Path | None, *, everything: bool = False) -> ExitCode:
    """Print, hand on, and write the notes.

    Without notes nothing carries a file with mistakes to a comment, so that it fails the command itself.
    """
    existing = sorted(path.stem for path in (root / ENVIRONMENTS).glob("*.yaml"))
    paths = [] if everything else changed_paths(root, base)
    touched = Touched(environments=tuple(existing)) if everything else touched_environments(paths, existing)
    planned, remarks = _sorted(root, touched)
    for remark in remarks:
        output.say(f"{remark.environment}: not planned: {remark.sentence}")
        if notes:
            write_report(remark, notes)
    for name in (job.environment for job in planned):
        output.value(name)
    matrix = [asdict(job) for job in planned]
    give(os.environ, matrix=json.dumps(matrix), names=" ".join(job.environment for job in planned))
    output.result({"environments": matrix, "not_planned": {note.environment: note.sentence for note in remarks}})
    untold = notes is None and any(remark.failed for remark in remarks)
    return ExitCode.FAILED if untold else ExitCode.DONE


def changed_paths(root: Path, base: str) -> Sequence[str]:
    """Return the paths that differ between `base` and what is checked out; a renamed file counts under both names.

    Raises:
        OperationError: git says no.
    """
    command = ["git", "diff", "--name-only", "--no-renames", "-z", base, "HEAD", "--"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise OperationError(
            f"git diff {base} HEAD: {done.stderr.strip()}",
            fix="name a commit that is there; in a workflow, `fetch-depth: 2` brings the one before",
            exit_code=ExitCode.MISTAKE,
        )
    return [path for path in done.stdout.split("\0") if path]


def _sorted(root: Path, touched: Touched) -> tuple[list[Delivered], list[EnvironmentPlan]]:
    planned: list[Delivered] = []
    notes = [EnvironmentPlan(environment=name, sentence=_REMOVED) for name in touched.removed]
    for name in touched.environments:
        try:
            environment = load({}, env=name, root=root).environment
        except OperationError as mistake:
            notes.append(EnvironmentPlan(environment=name, sentence=mistake.message, failed=True))
            continue
        try:
            planned.append(delivered(environment, "plan", os.environ, root))
        except OperationError as refused:
            notes.append(EnvironmentPlan(environment=name, sentence=refused.message))
    return planned, notes
