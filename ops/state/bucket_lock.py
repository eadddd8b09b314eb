"""The lock of a state in a bucket, as Terraform takes it, taken by us: so that it says who holds it.

Terraform names user and machine, and nothing lets it name more. So a command of ours writes the same object at the same
place, on the same condition (there is none yet), with the workflow's run or the process in it, and Terraform then works
with -lock=false. Whoever runs Terraform or cdktf themselves is refused by our lock, and we by theirs.
"""

from __future__ import annotations

import fcntl
import getpass
import json
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any, BinaryIO
from uuid import uuid4

from botocore.exceptions import ClientError

from ops.clients.aws import Aws, readable
from ops.clients.aws_refusals import error_code
from ops.console.errors import LockedError, LockRefusedError, OperationError, UnreachableError
from ops.state.location import StateObject
from ops.state.lock import Lock, read_lock
from ops.state.lock_holder import AT_WORK, Holder

#: S3's words for an object that is there already, or that somebody else writes at this moment.
_TAKEN = frozenset({"PreconditionFailed", "412", "ConditionalRequestConflict", "409"})
#: Status from which on an answer doesn't tell whether the call was carried out.
_SERVER_ERROR = 500


@dataclass(frozen=True)
class Held:
    """A lock that is ours."""

    id: str
    descriptor: int
    """Of the file that says that we are at work; a child that gets it says so, too, for as long as it lives."""


@dataclass(frozen=True, kw_only=True)
class BucketLock:
    """The lock on the state of one stack."""

    stack: str
    location: StateObject
    aws: Aws
    folder: Path
    """Where the file lies by which this machine can tell whether the holder has ended: state/<environment>."""

    environ: Mapping[str, str]
    warn: Callable[[str], None]
    """Told where the lock can't be given back."""

    @contextmanager
    def taken(self) -> Iterator[Held]:
        """Hold the lock for a block, which TERM and HUP end as Ctrl-C does.

        Raises:
            LockedError: somebody holds it.
            OperationError: it can't be written.
            KeyboardInterrupt: interrupted, or told to end; the lock is given back.
        """
        identifier = str(uuid4())
        path = holder_file(self.folder, self.stack, identifier)
        with self._opened(path) as file, _ended_in_order():
            try:
                self._take(identifier, path)
            except OperationError as error:
                if _may_be_there(error):
                    self._give_back(identifier, path)
                else:
                    path.unlink(missing_ok=True)
                raise
            except BaseException:  # interrupted: nobody knows how far it came
                self._give_back(identifier, path)
                raise
            try:
                yield Held(identifier, file.fileno())
            finally:
                self._give_back(identifier, path)

    @contextmanager
    def _opened(self, path: Path) -> Iterator[BinaryIO]:
        """The holder's file, made anew and locked."""
        with ExitStack() as opened:
            try:
                self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                file = opened.enter_context(path.open("xb"))
                fcntl.flock(file, fcntl.LOCK_EX)
            except OSError as refused:
                with suppress(OSError):
                    path.unlink(missing_ok=True)
                raise LockRefusedError(
                    f"{self.stack}: the lock can't be taken, as no file can be made and locked in {self.folder} "
                    f"({refused.strerror}). Nothing was done.",
                    fix="let AIRFLOW_KEEP_DIR name a folder on a local disk that can be written",
                ) from refused
            yield file

    def _take(self, identifier: str, path: Path) -> None:
        content = _content(identifier, Holder.here(self.environ, path), self.location)
        encryption = (
            {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": self.location.kms_key_id}
            if self.location.kms_key_id
            else {}
        )
        with readable(f"lock the state {self.location}"):
            try:
                self.aws.client("s3", self.location.region).put_object(
                    Bucket=self.location.bucket,
                    Key=self.location.lock_key,
                    Body=json.dumps(content).encode(),
                    ContentType="application/json",
                    IfNoneMatch="*",
                    **encryption,
                )
            except ClientError as refused:
                if error_code(refused) not in _TAKEN:
                    raise
                lock = read_lock(self.location, self.aws)
                if lock and lock.id == identifier:
                    return  # the first answer was lost, and the call repeated
                raise locked(self.stack, lock) from refused

    def _give_back(self, identifier: str, path: Path) -> None:
        """Remove the object if it still is ours; the file goes with it. What fails is left to `recover`."""
        try:
            lock = read_lock(self.location, self.aws)
            if lock and lock.id == identifier:
                with readable(f"free the lock on {self.location}"):
                    self.aws.client("s3", self.location.region).delete_object(
                        Bucket=self.location.bucket, Key=self.location.lock_key
                    )
        except OperationError as error:
            self.warn(
                f"The lock {identifier} on {self.stack} may still be there: {error.message} "
                "python -m ops recover removes it."
            )
            return
        path.unlink(missing_ok=True)


def _may_be_there(error: OperationError) -> bool:
    """Whether the object may have been written though the call failed: the answer was lost, or is a server's error."""
    cause = error.__cause__
    if isinstance(cause, ClientError):
        return int(cause.response.get("ResponseMetadata", {}).get("HTTPStatusCode", _SERVER_ERROR)) >= _SERVER_ERROR
    return isinstance(error, UnreachableError)


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """Turn TERM and HUP into `KeyboardInterrupt`: Python would end at once, without what stands at a block's end.

    A signal that is ignored, as by nohup, or handled already, stays so.
    """
    if threading.current_thread() is not threading.main_thread():  # Python lets only that one handle signals
        yield
        return
    numbers = [number for number in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(number) is signal.SIG_DFL]
    for number in numbers:
        signal.signal(number, _interrupt)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def holder_file(folder: Path, stack: str, identifier: str) -> Path:
    """The file that is locked for as long as the holder of this lock, or Terraform in its name, is at work."""
    return folder / f".{stack}.{identifier}{AT_WORK}"


def forget_holder(lock: Lock) -> None:
    """Remove the file of a holder that has ended, where it lies on this machine."""
    if file := lock.holder and lock.holder.file_here(lock.id):
        with suppress(OSError):
            file.unlink(missing_ok=True)


def locked(stack: str, lock: Lock | None) -> LockedError:
    """The error for a lock that somebody else holds; None: it was given back in this moment."""
    if lock is None:
        return LockedError(f"Somebody else has just worked on {stack}.", fix="try again")
    return LockedError(
        f"Somebody else works on {stack}, or a killed run left its lock: held by {lock}",
        fix="wait until it is done; python -m ops recover says what is known of the holder, and removes the lock where "
        "it has ended",
    )


def _content(identifier: str, holder: Holder, location: StateObject) -> dict[str, Any]:
    """As Terraform writes it, which shows `Info` to whom the lock refuses; `Holder` is ours."""
    return {
        "ID": identifier,
        "Operation": "OperationTypeApply",
        "Info": str(holder),
        "Who": f"{_user()}@{holder.host}",
        "Version": "",
        "Created": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}Z",
        "Path": f"{location.bucket}/{location.key}",
        "Holder": holder.document(),
    }


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container whose user has no name
        return str(os.getuid())
