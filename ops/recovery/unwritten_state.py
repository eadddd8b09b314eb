"""A state that Terraform could not write at the end of its work: written before anything else is done.

`kept_state` says where it is kept, `state_base` which stored state it follows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ops.clients.aws import Aws
from ops.console.errors import OperationError
from ops.console.exit_codes import ExitCode
from ops.console.pages import Page
from ops.recovery.finding import Finding, Repair
from ops.stack_clients.terraform import Terraform
from ops.state.base import Base, follows
from ops.state.kept_state import Text, base_file, content_of
from ops.state.location import StateFile, StateLocation
from ops.state.reading import read_text


def unwritten_findings(stack: str, files: list[Path], location: StateLocation, aws: Aws) -> Iterator[Finding]:
    """What is to be done about each of them.

    Raises:
        OperationError: AWS can't be asked.
    """
    stored, _ = read_text(location, aws)
    for file in files:
        waiting = Text(content_of(file))
        found = Finding(
            stack=stack,
            what="unwritten state",
            identifier=str(file),
            evidence=f"Terraform could not write it into {location} (serial {waiting.serial})",
            repair=Repair.DECIDE,
        )
        yield _judged(found, file, stored, location)


def _judged(found: Finding, file: Path, text: str, location: StateLocation) -> Finding:
    waiting, stored = Text(content_of(file)), Text(text)
    if waiting.content and (waiting.holds == stored.holds or follows(file, text)):
        return replace(found, repair=Repair.WRITE)
    if not waiting.content:
        advice = "It is no state. Delete it if you have another copy of it, then recover."
    elif stored.lineage != waiting.lineage:
        advice = f"It belongs to another state than {location} (another lineage). Move it to where it belongs."
    else:
        known = Base.of(file).stored or waiting.serial <= stored.serial
        how = "was written since" if known else "knows objects that this one does not know"
        advice = (
            f"{location} {how} (serial {stored.serial}). Compare both; delete the file when that one knows all that "
            "this one knows, then recover."
        )
    return replace(found, advice=advice)


def write(file: Path, location: StateLocation, terraform: Terraform, aws: Aws) -> None:
    """Write a state to where it belongs; the file goes when it is seen there. Terraform has to be ready.

    Raises:
        OperationError: somebody has written since it was looked at, Terraform refuses it, or it isn't there
            afterwards; the file stays.
    """
    text, _ = read_text(location, aws)
    waiting, stored = Text(content_of(file)), Text(text)
    if stored.holds != waiting.holds:
        if not follows(file, text):
            raise OperationError(
                f"Somebody has written {location} since it was looked at. {file} was not written.",
                fix="python -m ops recover, which looks again",
                page=Page.UNWRITTEN_STATE,
                exit_code=ExitCode.DECISION,
            )
        terraform.run("state", "push", str(file.absolute()))
        stored = Text(read_text(location, aws)[0])
    if stored.holds != waiting.holds:  # Terraform gives the first state of a bucket another lineage
        raise OperationError(f"{location} can't be read back as it was written; {file} still is the newest state.")
    file.unlink()
    base_file(file).unlink(missing_ok=True)


def put_spoilt_aside(location: StateLocation) -> str:
    """Rename a local state that is half a state, as a full disk leaves it; return what was done."""
    if not isinstance(location, StateFile) or not location.path.exists() or Text(content_of(location.path)).content:
        return ""
    aside, number = location.path.with_name(f"{location.path.name}.spoilt"), 1
    while aside.exists():
        number += 1
        aside = location.path.with_name(f"{location.path.name}.spoilt-{number}")
    location.path.rename(aside)
    return f"half-written state put aside: {aside}"
