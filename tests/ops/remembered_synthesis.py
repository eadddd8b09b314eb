"""The commands of `ops`, which here synthesize one environment file once.

The first synth of each content is the product's own, and so is everything else that a command does. `python -m
tests.ops.remembered_synthesis FOLDER COMMAND...` is `python -m ops COMMAND...`; FOLDER holds what was synthesized.
"""

from __future__ import annotations

import programs  # noqa: F401  # first: imports of constructs start Node.js

# isort: split

import runpy
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

from ops.environment import synthesis
from tests.terraform.synthesized_once import SynthesizedOnce


@contextmanager
def synthesized_once(folder: Path) -> Iterator[None]:
    """Let `ops` find in `folder` what was synthesized before, for the length of a block."""
    once = SynthesizedOnce(folder)

    def run(command: Sequence[str], **options: Any) -> subprocess.CompletedProcess[str]:
        warnings = once.recall(options["env"])
        if warnings is not None:
            return subprocess.CompletedProcess(command, 0, "", warnings)
        done: subprocess.CompletedProcess[str] = subprocess.run(command, **options)  # noqa: PLW1510  # as the caller says
        if done.returncode == 0:
            once.keep(options["env"], done.stderr)
        return done

    with mock.patch.object(synthesis, "subprocess", SimpleNamespace(**{**vars(subprocess), "run": run})):
        yield


if __name__ == "__main__":
    place = Path(sys.argv.pop(1))
    with synthesized_once(place):
        runpy.run_module("ops", run_name="__main__", alter_sys=True)
