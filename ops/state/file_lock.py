"""The lock of a local state, taken by us around Terraform's own: from the plan to the end of the apply.

Terraform locks a local state for each of its commands alone. Between two of them, while somebody looks at a plan,
another command of ours would go on from what it has seen.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ops.console.errors import LockedError
from ops.state.bucket_lock import Held
from ops.state.location import StateFile
from ops.state.lock_holder import AT_WORK


@dataclass(frozen=True, kw_only=True)
class FileLock:
    """The lock on the state of one stack; it ends with the process, and with the Terraform that it has started."""

    stack: str
    location: StateFile

    @contextmanager
    def taken(self) -> Iterator[Held | None]:
        """Hold the lock for a block; None where no file can be made and locked, which Terraform's own lock then says.

        Raises:
            LockedError: another command holds it.
        """
        path = self.location.path.with_name(f".{self.stack}{AT_WORK}")
        descriptor = self._taken(path)
        if descriptor is None:
            yield None
            return
        try:
            yield Held("", descriptor)
        finally:
            # Before the lock is given back: whoever opens it from now on makes a new one.
            path.unlink(missing_ok=True)
            os.close(descriptor)

    def _taken(self, path: Path) -> int | None:
        while True:
            try:
                descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            except OSError:
                return None
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                raise LockedError(
                    f"Another command works on {self.stack} on this machine, or Terraform that a killed one has "
                    f"started. Nothing was done to the state {self.location}.",
                    fix="wait until it is done; ps -ef | grep terraform shows one that was left",
                ) from None
            except OSError:
                os.close(descriptor)
                return None
            with suppress(OSError):
                if os.path.samestat(os.fstat(descriptor), path.stat()):
                    return descriptor
            os.close(descriptor)  # the file of one that has just ended
