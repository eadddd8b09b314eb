"""Who holds the lock of a state."""

from __future__ import annotations

import fcntl
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from ops.clients.aws import Aws, readable
from ops.console.errors import NotFoundError
from ops.state.location import StateFile, StateLocation
from ops.state.lock_holder import Holder


@dataclass(frozen=True, kw_only=True)
class Lock:
    """A lock, as Terraform or a command of ours has written it down."""

    id: str
    who: str
    """User and machine."""

    operation: str
    """`OperationTypeApply` and the like."""

    age: timedelta | None = None
    """How long it has been there, by one clock alone: of S3, or of this machine for a local state. None where it can't
    be told, as after that clock was set back."""

    holder: Holder | None = None
    """None where Terraform itself has taken it."""

    left_behind: bool = False
    """The process that held it has ended: certain for a local state; one in a bucket is asked about with `judge`."""

    @property
    def held_by(self) -> str:
        """User and machine, and the run or process where it is known."""
        return f"{self.who or 'somebody'}{f', {self.holder}' if self.holder else ''}"

    def __str__(self) -> str:
        """Holder and age, for people."""
        since = f", {int(self.age.total_seconds() // 60)} min ago" if self.age is not None else ""
        what = self.operation.removeprefix("OperationType").casefold() or "an operation"
        return f"{self.held_by} ({what}{since}), ID {self.id or 'unknown'}"


def read_lock(location: StateLocation, aws: Aws) -> Lock | None:
    """Return the lock on a state; None where there is none.

    Raises:
        OperationError: AWS can't be asked.
    """
    if isinstance(location, StateFile):
        try:
            content = _content(location.lock_path.read_bytes())
        except OSError:
            return None
        since = _moment(str(content.get("Created", "")))
        return _lock(content, _between(since, datetime.now(UTC)), left_behind=is_free(location))
    try:
        with readable(f"read the lock s3://{location.bucket}/{location.lock_key}"):
            answer = aws.client("s3", location.region).get_object(Bucket=location.bucket, Key=location.lock_key)
            content = _content(answer["Body"].read())
    except NotFoundError:
        return None
    # Both are the server's: what the holder's clock says of `Created`, and what ours says now, is not compared.
    now = _http_date(answer["ResponseMetadata"]["HTTPHeaders"].get("date", ""))
    return _lock(content, _between(answer["LastModified"], now))


def is_free(state: StateFile) -> bool:
    """Whether no process has the file locked; the lock itself ends with the process, what is written beside doesn't."""
    try:
        with state.path.open("rb") as file:
            fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _content(text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _lock(content: dict[str, Any], age: timedelta | None, *, left_behind: bool = False) -> Lock:
    return Lock(
        id=str(content.get("ID", "")),
        who=str(content.get("Who", "")),
        operation=str(content.get("Operation", "")),
        age=age,
        holder=Holder.of(content.get("Holder")),
        left_behind=left_behind,
    )


def _between(since: datetime | None, now: datetime | None) -> timedelta | None:
    return now - since if since and now and since <= now else None


def _moment(text: str) -> datetime | None:
    # Go writes nanoseconds, Python reads microseconds.
    try:
        return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _http_date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except ValueError:
        return None
