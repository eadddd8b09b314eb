"""A state that Terraform could not write at the end of its work: kept, and written before anything else is done.

Terraform then leaves `errored.tfstate` in the folder that it works in, which is generated and which people delete;
where it can't write that either, it prints the state. It alone knows what was made: it goes to `state/<environment>/`.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.aws import Aws
from ops.errors import OperationError
from ops.exit_codes import ExitCode
from ops.recovery.finding import Finding, Repair
from ops.state_location import StateFile, StateLocation
from ops.states import read_text
from ops.terraform import Terraform

#: Terraform's name for it.
ERRORED = "errored.tfstate"


@dataclass(frozen=True)
class Text:
    """A state as text, as far as it tells which of two is the newer one."""

    text: str

    @property
    def content(self) -> dict[str, Any]:
        """Empty where it is no state: half-written, or nothing."""
        try:
            found = json.loads(self.text)
        except ValueError:
            return {}
        good = (
            isinstance(found, dict) and isinstance(found.get("serial"), int) and isinstance(found.get("lineage"), str)
        )
        return found if good else {}

    @property
    def serial(self) -> int:
        """Counts the writings; -1 where it is no state."""
        return int(self.content.get("serial", -1))

    @property
    def holds(self) -> tuple[Any, Any] | None:
        """What it says of the world; None where it is no state."""
        return (self.content.get("resources"), self.content.get("outputs")) if self.content else None

    @property
    def lineage(self) -> str:
        """The same for all states that followed each other."""
        return str(self.content.get("lineage", ""))


def keep(working: Path, folder: Path, stack: str, printed: str = "") -> Path | None:
    """Put what Terraform could not write into `folder`; return where it is now, None where there is nothing.

    `printed` is the state that Terraform has printed. Where `folder` takes no more either, as on a full disk, it goes
    to the first other place that does.

    Raises:
        OperationError: no place takes it.
    """
    left = working / ERRORED
    text = ""
    with suppress(OSError, UnicodeDecodeError):
        text = left.read_text(encoding="utf-8")
    in_file = bool(Text(text).content)
    if not in_file and not Text(printed).content:
        return None
    for place in (folder, *([] if in_file else [Path(tempfile.gettempdir()), Path.home()])):
        with suppress(OSError):
            kept = _write(place, stack, text if in_file else printed)
            left.unlink(missing_ok=True)
            return kept
    if in_file:
        return left  # where Terraform has put it
    raise OperationError(
        f"{stack}: Terraform could not write the state, and no disk of this machine takes it. It is lost.",
        fix="free space, then python -m ops recover: it finds by their tags what the state knew",
    )


def _write(folder: Path, stack: str, text: str) -> Path:
    """A new file, for its owner alone; nothing is left of it where it can't be written to its end."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    number, path = 1, folder / f"{stack}.{ERRORED}"
    while path.exists():
        number += 1
        path = folder / f"{stack}.{number}.{ERRORED}"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        path.unlink(missing_ok=True)
        raise
    return path


def kept(folder: Path, stack: str) -> list[Path]:
    """The states that wait to be written, in the order in which they were made."""
    found = sorted(folder.glob(f"{stack}.*{ERRORED}")) + sorted(folder.glob(f"{stack}.{ERRORED}"))
    return sorted(set(found), key=lambda path: Text(_read(path)).serial)


def unwritten_findings(stack: str, files: list[Path], location: StateLocation, aws: Aws) -> Iterator[Finding]:
    """What is to be done about each of them.

    Raises:
        OperationError: AWS can't be asked.
    """
    stored = Text(read_text(location, aws)[0])
    for file in files:
        waiting = Text(_read(file))
        found = Finding(
            stack=stack,
            what="unwritten state",
            identifier=str(file),
            evidence=f"Terraform could not write it into {location} (serial {waiting.serial})",
            repair=Repair.DECIDE,
        )
        yield _judged(found, waiting, stored, location)


def _judged(found: Finding, waiting: Text, stored: Text, location: StateLocation) -> Finding:
    same_line = not stored.content or stored.lineage == waiting.lineage
    newer = same_line and waiting.serial > stored.serial
    if waiting.content and (newer or waiting.holds == stored.holds):
        return Finding(**{**vars(found), "repair": Repair.WRITE})
    if not waiting.content:
        advice = "It is no state. Delete it if you have another copy of it, then recover."
    elif not same_line:
        advice = f"It belongs to another state than {location} (another lineage). Move it to where it belongs."
    else:
        advice = (
            f"{location} was written since (serial {stored.serial}). Compare both; delete the file when that one knows "
            "all that this one knows, then recover."
        )
    return Finding(**{**vars(found), "advice": advice})


def write(file: Path, location: StateLocation, terraform: Terraform, aws: Aws) -> None:
    """Write a state to where it belongs; the file goes when it is seen there. Terraform has to be ready.

    Raises:
        OperationError: Terraform refuses it, or it isn't there afterwards; the file stays.
    """
    waiting, stored = Text(_read(file)), Text(read_text(location, aws)[0])
    if stored.holds != waiting.holds:
        terraform.run("state", "push", str(file.absolute()))
        stored = Text(read_text(location, aws)[0])
    if stored.holds != waiting.holds:  # Terraform gives the first state of a bucket another lineage
        raise OperationError(f"{location} can't be read back as it was written; {file} still is the newest state.")
    file.unlink()


def put_spoilt_aside(location: StateLocation) -> str:
    """Rename a local state that is half a state, as a full disk leaves it; return what was done."""
    if not isinstance(location, StateFile) or not location.path.exists() or Text(_read(location.path)).content:
        return ""
    aside, number = location.path.with_name(f"{location.path.name}.spoilt"), 1
    while aside.exists():
        number += 1
        aside = location.path.with_name(f"{location.path.name}.spoilt-{number}")
    location.path.rename(aside)
    return f"half-written state put aside: {aside}"


def require_none(terraform: Terraform, stack: str) -> None:
    """Refuse to work on a state beside which a newer one waits: both would go on from there.

    Raises:
        OperationError: there is one.
    """
    if terraform.keep_in is None:
        return
    keep(terraform.folder, terraform.keep_in, stack)
    if waiting := kept(terraform.keep_in, stack):
        raise OperationError(
            f"{stack}: a state that Terraform could not write is kept in {waiting[-1]}. Nothing was done.",
            fix="python -m ops recover, which writes it first",
            exit_code=ExitCode.DECISION,
        )


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
