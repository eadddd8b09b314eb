"""Who holds the lock of a state."""

from __future__ import annotations

import fcntl
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ops.aws import Aws, readable
from ops.errors import NotFoundError
from ops.state_location import StateFile, StateLocation


@dataclass(frozen=True, kw_only=True)
class Lock:
    """A lock, as Terraform has written it down."""

    id: str
    who: str
    """User and machine."""

    operation: str
    """`OperationTypeApply` and the like."""

    created: datetime | None
    """None where it can't be read."""

    left_behind: bool = False
    """The process that held it has ended: certain for a local state, never known for one in a bucket."""

    @property
    def age(self) -> timedelta | None:
        """How long it has been there."""
        return datetime.now(UTC) - self.created if self.created else None

    def __str__(self) -> str:
        """Holder and age, for people."""
        since = f", {int(self.age.total_seconds() // 60)} min ago" if self.age is not None else ""
        what = self.operation.removeprefix("OperationType").casefold() or "an operation"
        return f"{self.who or 'somebody'} ({what}{since}), ID {self.id or 'unknown'}"


def read_lock(location: StateLocation, aws: Aws) -> Lock | None:
    """Return the lock on a state; None where there is none.

    Raises:
        OperationError: AWS can't be asked.
    """
    if isinstance(location, StateFile):
        try:
            content = location.lock_path.read_bytes()
        except OSError:
            return None
        return _parse(content, left_behind=_is_free(location))
    try:
        with readable(f"read the lock s3://{location.bucket}/{location.lock_key}"):
            s3 = aws.client("s3", location.region)
            return _parse(s3.get_object(Bucket=location.bucket, Key=location.lock_key)["Body"].read())
    except NotFoundError:
        return None


def _is_free(state: StateFile) -> bool:
    """Whether no process has the file locked; the lock itself ends with the process, what is written beside doesn't."""
    try:
        with state.path.open("rb") as file:
            fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _parse(content: bytes, *, left_behind: bool = False) -> Lock:
    try:
        found = json.loads(content)
    except ValueError:
        found = None
    known: dict[str, Any] = found if isinstance(found, dict) else {}
    return Lock(
        id=str(known.get("ID", "")),
        who=str(known.get("Who", "")),
        operation=str(known.get("Operation", "")),
        created=_moment(str(known.get("Created", ""))),
        left_behind=left_behind,
    )


def _moment(text: str) -> datetime | None:
    # Go writes nanoseconds, Python reads microseconds.
    try:
        return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text)).astimezone(UTC)
    except ValueError:
        return None
