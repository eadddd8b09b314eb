"""The lock that a command of ours takes on a local state, and what is read while Terraform has its own."""

from __future__ import annotations

import fcntl
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from ops.console.errors import LockedError
from ops.console.exit_codes import ExitCode
from ops.state import reading
from ops.state.file_lock import FileLock
from ops.state.location import StateFile

#: Stays until its input ends, as Terraform does whose ops was killed.
_CHILD = "import sys; sys.stdin.read()"


@pytest.fixture
def lock(tmp_path: Path) -> FileLock:
    """The lock of a state that is there."""
    path = tmp_path / "platform.tfstate"
    path.write_text('{"version": 4}', encoding="utf-8")
    return FileLock(stack="platform", location=StateFile(path))


class TestLock:
    def test_keeps_others_out(self, lock: FileLock) -> None:
        """A second command is refused with what to do; after the first has ended it is not."""
        with lock.taken() as held, pytest.raises(LockedError) as refused, lock.taken():
            pytest.fail("both have it")
        assert held
        assert held.id == ""  # Terraform takes its own as well
        assert refused.value.exit_code is ExitCode.DECISION
        assert "works on platform" in refused.value.message
        assert "wait" in refused.value.fix
        with lock.taken() as held:
            assert held

    def test_leaves_nothing(self, lock: FileLock) -> None:
        """Beside the state there is nothing afterwards, after an interrupt neither."""
        with pytest.raises(KeyboardInterrupt), lock.taken():
            raise KeyboardInterrupt
        assert list(lock.location.path.parent.iterdir()) == [lock.location.path]

    def test_lasts_as_long_as_what_was_started(self, lock: FileLock) -> None:
        """Terraform that goes on without us keeps it; what a killed command leaves keeps nobody out."""
        path = lock.location.path.with_name(".platform.at-work")
        with path.open("wb") as killed:
            fcntl.flock(killed, fcntl.LOCK_EX)
            command = [sys.executable, "-c", _CHILD]
            child = subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=(killed.fileno(),))
        with child:
            with pytest.raises(LockedError), lock.taken():
                pytest.fail("Terraform is at work")
            child.communicate(b"")
        assert path.exists()
        with lock.taken() as held:
            assert held
        assert not path.exists()

    def test_is_left_to_terraform_where_it_cant_be(self, tmp_path: Path) -> None:
        """Where nothing can be written Terraform can't lock the state either, and says why."""
        (tmp_path / "file").touch()
        with FileLock(stack="platform", location=StateFile(tmp_path / "file" / "platform.tfstate")).taken() as held:
            assert held is None


#: Has the state locked and empties it; writes it anew when its input ends.
_WRITER = """
import fcntl, sys
file = open(sys.argv[1], "r+")
fcntl.lockf(file, fcntl.LOCK_EX)
file.truncate(0)
print("emptied", flush=True)
sys.stdin.read()
file.write('{"version": 4, "serial": 2}')
"""


class TestReading:
    def test_waits_for_the_end_of_a_writing(self, lock: FileLock, monkeypatch: pytest.MonkeyPatch) -> None:
        """Terraform empties a local state and writes it anew: what is read is never the half of it."""
        aws: Any = None
        lock.location.lock_path.touch()
        command = [sys.executable, "-c", _WRITER, str(lock.location.path)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout
            assert writer.stdout.readline() == "emptied\n"
            monkeypatch.setattr(time, "sleep", lambda _: writer.communicate(""))
            text, _ = reading.read_text(lock.location, aws)
        assert text == '{"version": 4, "serial": 2}'

    @pytest.mark.parametrize("left_behind", [False, True])
    def test_does_not_wait_for_what_nobody_writes(
        self, lock: FileLock, monkeypatch: pytest.MonkeyPatch, *, left_behind: bool
    ) -> None:
        """A damaged state at rest is read as it is, also where a killed run has left its lock."""
        aws: Any = None
        lock.location.path.write_text("{", encoding="utf-8")
        if left_behind:
            lock.location.lock_path.touch()
        monkeypatch.setattr(time, "sleep", lambda _: pytest.fail("waited"))
        assert reading.read_text(lock.location, aws)[0] == "{"

    def test_locks_no_state_at_rest(self, lock: FileLock, monkeypatch: pytest.MonkeyPatch) -> None:
        """Terraform that starts at this moment would be refused."""
        aws: Any = None
        monkeypatch.setattr(fcntl, "lockf", lambda *_: pytest.fail("locked"))
        assert reading.read_text(lock.location, aws)[0] == '{"version": 4}'
