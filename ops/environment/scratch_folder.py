"""Folders that a command needs while it runs. What a killed one has left goes when the next one is made."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ops.console.errors import OperationError

#: How their names begin, below TMPDIR (/tmp).
PREFIX = "airflow-ops-"


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A new, empty folder for a block, for its owner alone. No secret belongs in it: a kill leaves it for a while.

    Raises:
        OperationError: none can be made.
    """
    try:
        folder, descriptor = _made()
    except OSError as refused:
        raise OperationError(
            f"This machine gives no room for a temporary folder: {refused}.",
            fix="free space there, or let TMPDIR name a folder that can be written",
        ) from refused
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def _made() -> tuple[Path, int]:
    """The folder, and what keeps it locked for as long as this process lives."""
    _remove_left(Path(tempfile.gettempdir()))
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        with suppress(FileNotFoundError):  # another command has taken it for one that was left
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            with suppress(OSError):  # a disk without locks, on which nobody takes it for one either
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            if folder.exists():
                return folder, descriptor
            os.close(descriptor)


def _remove_left(above: Path) -> None:
    """Remove those of ours whose process has ended: nobody has them locked any more."""
    for left in above.glob(f"{PREFIX}*"):
        with suppress(OSError):
            descriptor = os.open(left, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                if os.fstat(descriptor).st_uid == os.getuid():
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(left, ignore_errors=True)
            finally:
                os.close(descriptor)
