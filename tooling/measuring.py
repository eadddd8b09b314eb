"""What running a program costs: processor time, wall time, memory of its process tree, disk.

Memory is the peak of the program's whole process tree (Python and jsii's Node.js; pages that they share count once),
sampled from Linux's /proc, and not measured elsewhere.
"""

from __future__ import annotations

import contextlib
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

SAMPLING_INTERVAL_SECONDS = 0.05
# They would have the programs compile all Python anew in every run, or synthesize another environment.
NOT_INHERITED = {"PYTHONDONTWRITEBYTECODE", "AIRFLOW_ENV_FILE"}
#: Stands for the output folder in a program's arguments.
OUTDIR = "<outdir>"


@dataclass(frozen=True, kw_only=True)
class Program:
    """Something to measure: what Python runs, the output folder being the argument `OUTDIR`."""

    name: str
    arguments: Sequence[str]
    repetitions: int
    environment: Mapping[str, str] = field(default_factory=dict)
    cold: bool = False
    """Whether jsii's cache is empty at its start."""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What one run, or the median run, of a program took."""

    processor_seconds: float
    seconds: float
    peak_bytes: float | None  #: None where there is no /proc
    disk_bytes: float | None = None  #: None for what is warm


def process_tree(pid: int) -> Iterator[int]:
    """The process `pid` and its descendants, as far as they still run."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            for child in children.read_text().split():
                yield from process_tree(int(child))


def proportional_bytes(pid: int) -> int:
    """Memory of one process, pages shared with others counted in proportion (PSS); 0 if it has ended."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


@contextlib.contextmanager
def watched(process: subprocess.Popen[str]) -> Iterator[list[int]]:
    """Sample the memory of a process tree while it runs; the list then holds the samples."""
    samples: list[int] = []
    ended = threading.Event()

    def sample() -> None:
        while not ended.wait(SAMPLING_INTERVAL_SECONDS):
            samples.append(sum(proportional_bytes(each) for each in process_tree(process.pid)))

    sampler = threading.Thread(target=sample)
    sampler.start()
    try:
        yield samples
    finally:
        ended.set()
        sampler.join()


def measure(program: Program, folder: Path) -> Cost:
    """Runs `program` once in `folder`; ends the bench with what the program printed if it fails."""
    with tempfile.TemporaryDirectory() as outdir, tempfile.TemporaryDirectory() as cache:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, *(outdir if argument == OUTDIR else argument for argument in program.arguments)],
            cwd=folder,
            env=_environment(program, outdir, cache),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        with watched(process) as samples:
            printed, _ = process.communicate()
            seconds = time.perf_counter() - started
        spent = resource.getrusage(resource.RUSAGE_CHILDREN)
        disk = sum(file.stat().st_size for file in Path(cache).rglob("*") if file.is_file())
    if process.returncode != 0:
        sys.exit(f"{program.name}: exit code {process.returncode}\n{printed}")
    return Cost(
        processor_seconds=spent.ru_utime + spent.ru_stime - before.ru_utime - before.ru_stime,
        seconds=seconds,
        peak_bytes=max(samples, default=0) or None,
        disk_bytes=disk if program.cold else None,
    )


def _environment(program: Program, outdir: str, cache: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**inherited, "PATH": path, "CDKTF_OUTDIR": outdir, **program.environment}
    return environment | ({"JSII_RUNTIME_PACKAGE_CACHE_ROOT": cache} if program.cold else {})


def median(costs: Sequence[Cost]) -> Cost:
    """The median of each figure."""

    def middle(figure: str) -> float | None:
        measured = [getattr(cost, figure) for cost in costs]
        return None if None in measured else statistics.median(measured)

    return Cost(
        processor_seconds=middle("processor_seconds") or 0,
        seconds=middle("seconds") or 0,
        peak_bytes=middle("peak_bytes"),
        disk_bytes=middle("disk_bytes"),
    )
