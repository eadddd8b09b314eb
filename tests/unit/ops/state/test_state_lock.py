"""Who holds the lock of a state in a file."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ops.clients.aws import Aws
from ops.state.location import StateFile
from ops.state.lock import Lock, read_lock

AWS = Aws("eu-west-1", "111122223333")
CREATED = "2026-01-02T03:04:05.123456789Z"
INFO = f'{{"ID": "lock-1", "Operation": "OperationTypeApply", "Who": "ann@host", "Created": "{CREATED}"}}'
#: What Terraform does to the file as long as it works on it.
HOLDING = """
import fcntl, sys
file = open(sys.argv[1], "rb+")
fcntl.lockf(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def location(tmp_path: Path) -> StateFile:
    """A state and what is written beside it while it is locked."""
    state = StateFile(tmp_path / "infrastructure.tfstate")
    state.path.write_text("{}", encoding="utf-8")
    state.lock_path.write_text(INFO, encoding="utf-8")
    return state


def lock(location: StateFile) -> Lock:
    """The lock that is there."""
    found = read_lock(location, AWS)
    assert found
    return found


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Another process has the file locked."""
    command = [sys.executable, "-c", HOLDING, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        process.stdout.readline()
        yield
        process.communicate("")


class TestLockOfAFile:
    def test_held(self, location: StateFile) -> None:
        """As long as its process lives the lock is in use, whatever its age."""
        with held(location.path):
            assert not lock(location).left_behind

    def test_left_behind(self, location: StateFile) -> None:
        """When its process has ended, what is written beside the state is all that is left of the lock."""
        found = lock(location)
        assert found.left_behind
        assert (found.id, found.who, found.age is not None) == ("lock-1", "ann@host", True)

    def test_from_the_future(self, location: StateFile) -> None:
        """Where the clock was set back since, the age is left out instead of being negative."""
        location.lock_path.write_text(INFO.replace("2026-", "9998-"), encoding="utf-8")
        assert str(lock(location)) == "ann@host (apply), ID lock-1"

    def test_said(self, location: StateFile) -> None:
        """Holder, what it does, age and ID, in words."""
        assert str(lock(location)).startswith("ann@host (apply, ")
        assert str(lock(location)).endswith(" min ago), ID lock-1")

    def test_unreadable(self, location: StateFile) -> None:
        """Half-written words about a lock are a lock all the same."""
        location.lock_path.write_text('{"ID": "lo', encoding="utf-8")
        assert str(lock(location)) == "somebody (an operation), ID unknown"

    def test_none(self, location: StateFile) -> None:
        """Without words beside the state nobody works on it."""
        location.lock_path.unlink()
        assert read_lock(location, AWS) is None
