"""The program itself, `main.main()`, in a process of its own that runs many environment files one after the other."""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import os
import shutil
import tempfile
import traceback
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import constructs.bindings  # noqa: F401  # first: it makes the provider packages cheap to import
from constructs.airflow.certificates import rds_roots

import main
from tests.property.place import PARTITIONS

#: jsii's Node process keeps every construct that it ever made, a good megabyte per environment. After so many files
#: both start afresh.
FILES_PER_PROCESS = 400
TIMEOUT_SECONDS = 900


@dataclass(frozen=True)
class Outcome:
    """What a run of the program left to see."""

    exit_code: int | None
    """None: it ended with an exception."""

    stdout: str
    stderr: str
    traceback: str = ""


def run(file: Path, outdir: Path) -> Outcome:
    """Run the program on an environment file, as `cdktf` would, in this process."""
    os.environ.pop("AIRFLOW_ENV", None)
    os.environ |= {"AIRFLOW_ENV_FILE": str(file), "CDKTF_OUTDIR": str(outdir)}
    stdout, stderr = io.StringIO(), io.StringIO()
    code, trace = None, ""
    with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
        try:
            code = main.main()
        except BaseException:  # noqa: BLE001  # whatever it is, the test is to see it
            trace = traceback.format_exc()
    return Outcome(code, stdout.getvalue(), stderr.getvalue(), trace)


def _trust(certificates: Path) -> None:
    """Let the program find its certificates of RDS in another folder."""
    rds_roots.CERTIFICATES = certificates


def _certificates_of_every_region(folder: Path) -> Path:
    """The project's certificates, and those that a user has added for the regions that have none."""
    for file in rds_roots.CERTIFICATES.glob("*.pem"):
        shutil.copy(file, folder)
    for region in PARTITIONS:
        if not (folder / f"{region}.pem").exists():
            shutil.copy(folder / "eu-west-1.pem", folder / f"{region}.pem")
    return folder


class Program:
    """Runs files in the other process."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool

    def run(self, file: Path, outdir: Path) -> Outcome:
        """As `run`, there."""
        return self._pool.submit(run, file, outdir).result(timeout=TIMEOUT_SECONDS)


@contextlib.contextmanager
def started() -> Iterator[Program]:
    """The process, ended with the block."""
    spawn = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        certificates = _certificates_of_every_region(Path(folder))
        with ProcessPoolExecutor(1, spawn, _trust, (certificates,), max_tasks_per_child=FILES_PER_PROCESS) as pool:
            yield Program(pool)
