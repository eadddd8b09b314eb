"""Synthesizing the shipped environments, in this process and in one of their own.

As a program, `python -m tests.synth.environments FOLDER`, it synthesizes all of them into FOLDER/<environment>.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from constructs.checks.synthesized import SynthesizedStack
from constructs.settings.loading.environment_file import load_environment

from main import ROOT, synthesize

NAMES = ("dev", "prod")
STACKS = ("infrastructure", "platform")

#: What a test decides on, whatever the caller's shell says.
_OURS = ("AIRFLOW_ENV", "AIRFLOW_ENV_FILE", "AIRFLOW_BINDINGS", "CDKTF_OUTDIR")


def synthesize_environment(name: str, outdir: Path) -> Path:
    """Synthesize a shipped environment into `outdir` and return it."""
    outdir.mkdir(parents=True, exist_ok=True)
    synthesize(load_environment(ROOT / "environments" / f"{name}.yaml"), outdir)
    return outdir


def read(outdir: Path, stack: str = "infrastructure") -> SynthesizedStack:
    """A stack in an output folder."""
    return SynthesizedStack.read(outdir / "stacks" / stack)


def files(folder: Path) -> dict[str, bytes]:
    """Path below `folder` -> content, of every file in it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def in_own_process(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the checkout with these variables, and none of the caller's that choose environment or output."""
    inherited = {name: value for name, value in os.environ.items() if name not in _OURS}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=inherited | {"PATH": path, "NODE_NO_WARNINGS": "1"} | environ,
        capture_output=True,
        text=True,
        check=False,
    )


def texts(value: object) -> Iterator[str]:
    """Every text in a JSON value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


def arguments(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Path and value of every argument of a resource, those of nested blocks included; list positions are left out."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*path, key), inner
            yield from arguments(inner, (*path, key))
    elif isinstance(value, list):
        for inner in value:
            yield from arguments(inner, path)


if __name__ == "__main__":
    for environment in NAMES:
        synthesize_environment(environment, Path(sys.argv[1]) / environment)
