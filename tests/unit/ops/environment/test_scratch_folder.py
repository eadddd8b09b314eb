"""Folders that last as long as a command, and no longer than until the next one."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest

from ops.console.errors import OperationError
from ops.environment.scratch_folder import PREFIX, scratch_folder
from programs.own_tools import ROOT

#: Makes a folder with something in it, says which, and is killed.
_KILLED = """
import os, signal
from ops.environment.scratch_folder import scratch_folder
with scratch_folder() as folder:
    (folder / "inside").mkdir()
    print(folder, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary folders, of this test alone."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


class TestScratchFolder:
    def test_ends_with_its_block(self, temporary: Path) -> None:
        """It is there, empty and for its owner alone, and then gone with all that is in it; after an error, too."""
        with suppress(ZeroDivisionError), scratch_folder() as folder:
            assert folder.parent == temporary
            assert not list(folder.iterdir())
            assert folder.stat().st_mode & 0o077 == 0
            (folder / "file").touch()
            raise ZeroDivisionError
        assert not list(temporary.iterdir())

    def test_of_a_killed_command_goes_with_the_next(self, temporary: Path) -> None:
        """The next one removes it, and no folder that is still in use, or is none of these."""
        other = temporary / "airflow-of-somebody"
        other.mkdir()
        killed = subprocess.run([sys.executable, "-c", _KILLED], cwd=ROOT, capture_output=True, text=True, check=False)
        left = Path(killed.stdout.strip())
        assert left.parent == temporary
        assert (left / "inside").is_dir()
        with scratch_folder() as first, scratch_folder() as second:
            assert set(temporary.iterdir()) == {other, first, second}
            assert {folder.name.startswith(PREFIX) for folder in (first, second)} == {True}
        assert list(temporary.iterdir()) == [other]

    def test_a_link_is_not_followed(self, temporary: Path) -> None:
        """What somebody else has put there under such a name leads to nothing that is removed."""
        kept = temporary / "kept"
        (kept / "inside").mkdir(parents=True)
        (temporary / f"{PREFIX}link").symlink_to(kept)
        with scratch_folder():
            pass
        assert (kept / "inside").is_dir()

    def test_no_room(self, temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where none can be made, the place and the way out are said."""
        monkeypatch.setattr(tempfile, "tempdir", str(temporary / "missing"))
        with pytest.raises(OperationError, match="missing") as refused, scratch_folder():
            pass
        assert "TMPDIR" in refused.value.fix
