"""The commands of `ops`, which here synthesize one environment file once: the same file becomes the same stacks.

That it does is shown by tests/synth/test_repeatability.py. The first synth of each content is the product's own, and so
is everything else that a command does. `python -m tests.ops.remembered_synthesis FOLDER COMMAND...` is `python -m ops
COMMAND...`; FOLDER holds what was synthesized.
"""

from __future__ import annotations

import programs  # noqa: F401  # first: imports of constructs start Node.js

# isort: split

import hashlib
import json
import os
import runpy
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

from ops.environment import synthesis

_ERRORS = "stderr"


@contextmanager
def synthesized_once(folder: Path) -> Iterator[None]:
    """Let `ops` find in `folder` what it has synthesized before, for the length of a block."""

    def run(command: Sequence[str], **options: Any) -> subprocess.CompletedProcess[str]:
        environ: Mapping[str, str] = options["env"]
        outdir, kept = Path(environ["CDKTF_OUTDIR"]), folder / _key(environ)
        if kept.is_dir():
            shutil.copytree(kept, outdir, dirs_exist_ok=True)
            (outdir / _ERRORS).unlink()
            return subprocess.CompletedProcess(command, 0, "", (kept / _ERRORS).read_text(encoding="utf-8"))
        done: subprocess.CompletedProcess[str] = subprocess.run(command, **options)  # noqa: PLW1510  # as the caller says
        if done.returncode == 0:
            _keep(outdir, done.stderr, kept)
        return done

    with mock.patch.object(synthesis, "subprocess", SimpleNamespace(**{**vars(subprocess), "run": run})):
        yield


def _key(environ: Mapping[str, str]) -> str:
    """What the stacks follow from; the paths in them are relative to the output folder."""
    file = Path(environ["AIRFLOW_ENV_FILE"])
    variables = {name: text for name, text in environ.items() if name.startswith("AIRFLOW_")}
    paths = os.path.relpath(synthesis.__file__, environ["CDKTF_OUTDIR"])
    content = file.read_text(encoding="utf-8")
    return hashlib.sha256(json.dumps([content, paths, sorted(variables.items())]).encode()).hexdigest()


def _keep(outdir: Path, errors: str, kept: Path) -> None:
    """Copy what a synth writes, and nothing that Terraform or a test has laid beside it."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    copy = Path(tempfile.mkdtemp(dir=kept.parent))
    written = [outdir / ".environment", outdir / "manifest.json", *outdir.glob("stacks/*/cdk.tf.json")]
    for file in written:
        to = copy / file.relative_to(outdir)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, to)
    (copy / _ERRORS).write_text(errors, encoding="utf-8")
    try:
        copy.rename(kept)
    except OSError:  # another command was faster
        shutil.rmtree(copy)


if __name__ == "__main__":
    place = Path(sys.argv.pop(1))
    with synthesized_once(place):
        runpy.run_module("ops", run_name="__main__", alter_sys=True)
