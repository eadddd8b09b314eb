"""What the tests of the set-up share: the checkout, and a machine's PATH made up of chosen tools."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
#: What the shell scripts themselves call.
SHELL_TOOLS = ("sh", "head", "sed", "tail")


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The checkout's root."""
    return ROOT


@pytest.fixture
def machine(tmp_path: Path) -> Callable[..., Path]:
    """Makes a folder for PATH with git, this Python and the given tools: a name and what it prints, None to lack it.

    A keyword can hold no dot: `python3_12` stands for `python3.12`.
    """

    def make(**tools: str | None) -> Path:
        folder = tmp_path / "bin"
        folder.mkdir()
        for name in SHELL_TOOLS:
            (folder / name).symlink_to(shutil.which(name) or name)
        answers: dict[str, str | None] = {"git": "git version 2.39.5", **tools}
        for name, answer in answers.items():
            if answer is not None:
                script = folder / name.replace("python3_", "python3.")
                script.write_text(f"#!/bin/sh\nprintf '%s\\n' '{answer}'\n")
                script.chmod(0o755)
        if "python3" not in tools:
            (folder / "python3").symlink_to(sys.executable)
        return folder

    return make
