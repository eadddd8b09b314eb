"""Which stored state a kept one follows: that a serial is higher doesn't say it.

Terraform counts the serial up before it writes, and not down where the writing fails. So who works on the state after
such a failure may store a smaller serial that knows more.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from ops.clients.aws import Aws
from ops.console.errors import OperationError
from ops.state.kept_state import Text, base_file, content_of, write_for_owner
from ops.state.location import StateLocation
from ops.state.lock import read_lock
from ops.state.reading import read_text


@dataclass(frozen=True)
class Base:
    """What is known of the stored state that a kept one follows."""

    stored: str = ""
    """SHA-256 of its text; empty where it could not be read."""

    lock: str = ""
    """ID of the lock under which it was worked on: as long as that is there, nobody has written since."""

    @classmethod
    def of(cls, file: Path) -> Base:
        """What was noted beside a kept state."""
        try:
            found = json.loads(content_of(base_file(file)))
        except ValueError:
            return cls()
        found = found if isinstance(found, dict) else {}
        return cls(str(found.get("stored", "")), str(found.get("lock", "")))

    def note(self, file: Path) -> None:
        """Note it beside a kept state; a disk that takes no more leaves it unknown."""
        with suppress(OSError):
            base_file(file).unlink(missing_ok=True)
            write_for_owner(base_file(file), json.dumps(asdict(self)))


def note_base(file: Path, read: Callable[[], str] | None, lock: str) -> None:
    """Note which state a kept one follows: the one that is stored now, while the lock with this ID is ours."""
    stored = ""
    with suppress(OperationError):  # a session that has ended: settle_bases can tell until the lock is removed
        stored = _digest(read()) if read else ""
    Base(stored, lock).note(file)


def settle_bases(files: Iterable[Path], lock: str, location: StateLocation, aws: Aws) -> None:
    """Before the lock with this ID is removed: what is stored now is what the states that were kept under it follow.

    Raises:
        OperationError: AWS can't be asked.
    """
    open_ = [file for file in files if lock and Base.of(file) == Base(lock=lock)]
    if not open_:
        return
    text, _ = read_text(location, aws)
    there = read_lock(location, aws)
    if there and there.id == lock:
        for file in open_:
            Base(_digest(text), lock).note(file)


def follows(file: Path, stored: str) -> bool:
    """Whether a kept state may be written over this stored one without a loss.

    It may if it was made from that one. Where nobody has noted what it was made from, as after `cdktf deploy`, it may
    if it knows each object that the stored one knows.
    """
    waiting, there = Text(content_of(file)), Text(stored)
    if not there.content:
        return True
    if there.lineage != waiting.lineage or waiting.serial <= there.serial:
        return False
    base = Base.of(file).stored
    return base == _digest(stored) if base else there.objects <= waiting.objects


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
