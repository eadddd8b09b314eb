"""`make bench`: what synthesizing costs, and what it would cost with the provider packages imported as shipped.

Every program runs in a process of its own, in turns, once the caches of Python (bytecode) and jsii (unpacked packages)
are filled. The table shows medians. Time is wall time from start to exit. Memory is the peak of the program's whole
process tree (Python and jsii's two Node processes; pages that they share count once), sampled from Linux's /proc, and
not measured elsewhere. Goals are reported as met or missed; missing one is no failure.

The app (`--app`, default main.py) is a Python file that synthesizes the environment `AIRFLOW_ENV` when run, and has a
function `synthesize(environment: Environment, outdir: Path)`.
"""

import argparse
import compileall
import contextlib
import importlib.util
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

ROOT = Path(__file__).parents[1]
PROVIDER_PACKAGES = ("cdktf_cdktf_provider_aws", "cdktf_cdktf_provider_helm", "cdktf_cdktf_provider_kubernetes")
SAMPLING_INTERVAL_SECONDS = 0.05
# They would have the programs compile all Python anew in every run, or synthesize another environment.
NOT_INHERITED = {"PYTHONDONTWRITEBYTECODE", "AIRFLOW_ENV_FILE"}

# Arguments: the output folder.
FLOOR_SCRIPT = """
import sys
from cdktf import App, TerraformStack
app = App(outdir=sys.argv[1])
TerraformStack(app, "empty")
app.synth()
"""

# Arguments: the output folder, the app's module, the environment file, how many environments to make of it.
SYNTHESIZE_SCRIPT = """
import importlib, sys
from pathlib import Path
outdir, app, file, count = sys.argv[1:]
synthesize = importlib.import_module(app).synthesize
from constructs.settings import load_environment
environment = load_environment(Path(file))
for number in range(int(count)):
    name = f"bench-{number}"
    synthesize(environment.model_copy(update={"name": name}), Path(outdir, name))
"""


@dataclass(frozen=True, kw_only=True)
class Program:
    """Something to measure: what Python runs, the output folder being the argument `OUTDIR`."""

    name: str
    arguments: Sequence[str]
    repetitions: int
    environment: Mapping[str, str] = field(default_factory=dict)


OUTDIR = "<outdir>"


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What one run, or the median run, of a program took."""

    seconds: float
    peak_bytes: float | None  #: None where there is no /proc


@dataclass(frozen=True, kw_only=True)
class Goal:
    """One program's cost as a share of another's, and how much it may be."""

    name: str
    cost: Cost
    compared_to: Cost
    limit: float
    of_memory: bool = False

    def ratio(self) -> float | None:
        """The share; None if it was not measured."""
        if not self.of_memory:
            return self.cost.seconds / self.compared_to.seconds
        if self.cost.peak_bytes is None or self.compared_to.peak_bytes is None:
            return None
        return self.cost.peak_bytes / self.compared_to.peak_bytes


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


def measure(program: Program, folder: Path) -> Cost:
    """Runs `program` once in `folder`; ends the bench with what the program printed if it fails."""
    peak = 0
    ended = threading.Event()

    def sample(pid: int) -> None:
        nonlocal peak
        while not ended.wait(SAMPLING_INTERVAL_SECONDS):
            peak = max(peak, sum(proportional_bytes(process) for process in process_tree(pid)))

    with tempfile.TemporaryDirectory() as outdir:
        arguments = [outdir if argument == OUTDIR else argument for argument in program.arguments]
        inherited = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        environment = {**inherited, "PATH": path, "CDKTF_OUTDIR": outdir, **program.environment}
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        sampler = threading.Thread(target=sample, args=(process.pid,))
        sampler.start()
        try:
            printed, _ = process.communicate()
        finally:
            seconds = time.perf_counter() - started
            ended.set()
            sampler.join()
    if process.returncode != 0:
        sys.exit(f"{program.name}: exit code {process.returncode}\n{printed}")
    return Cost(seconds=seconds, peak_bytes=peak or None)


def median(costs: Sequence[Cost]) -> Cost:
    """The median time and the median peak."""
    peaks = [cost.peak_bytes for cost in costs if cost.peak_bytes is not None]
    return Cost(
        seconds=statistics.median(cost.seconds for cost in costs),
        peak_bytes=statistics.median(peaks) if peaks else None,
    )


def compile_provider_packages() -> None:
    """Fills Python's bytecode cache, as a first run as shipped would; half a minute the first time."""
    for package in PROVIDER_PACKAGES:
        spec = importlib.util.find_spec(package)
        if spec is None or spec.origin is None:
            sys.exit(f"{package} is not installed in {sys.prefix}; run the bench as `make bench`")
        compileall.compile_dir(Path(spec.origin).parent, quiet=1)


def measure_all(programs: Sequence[Program], folder: Path, console: Console) -> dict[str, Cost]:
    """The median cost of each program that is repeated at all, by its name; the programs take turns."""
    costs: dict[str, list[Cost]] = {program.name: [] for program in programs if program.repetitions}
    total = 1 + sum(program.repetitions for program in programs)
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("filling caches", total=total)
        compile_provider_packages()
        measure(programs[0], folder)
        progress.advance(task)
        for turn in range(max(program.repetitions for program in programs)):
            for program in programs:
                if turn < program.repetitions:
                    progress.update(task, description=program.name)
                    costs[program.name].append(measure(program, folder))
                    progress.advance(task)
    return {name: median(runs) for name, runs in costs.items()}


def goals_of(costs: Mapping[str, Cost], many: str) -> Iterator[Goal]:
    """The goals whose programs were measured."""
    shipped = costs.get("synth, as shipped")
    if shipped is not None:
        yield Goal(name="synth / as shipped", cost=costs["synth"], compared_to=shipped, limit=0.08)
    yield Goal(name="synth / floor", cost=costs["synth"], compared_to=costs["floor"], limit=2.5)
    yield Goal(name=f"{many} / 1 environment", cost=costs[many], compared_to=costs["1 environment"], limit=2)
    if shipped is not None:
        yield Goal(name="memory / as shipped", cost=costs["synth"], compared_to=shipped, limit=0.25, of_memory=True)


def tables(programs: Sequence[Program], costs: Mapping[str, Cost], goals: Sequence[Goal]) -> Iterator[Table]:
    """The medians, and how they stand to the goals."""
    medians = Table("program", "runs", "seconds", "memory, MB", title="Medians")
    for program in programs:
        if program.name in costs:
            cost = costs[program.name]
            peak = "not measured" if cost.peak_bytes is None else f"{cost.peak_bytes / 1e6:.0f}"
            medians.add_row(program.name, str(program.repetitions), f"{cost.seconds:.2f}", peak)
    yield medians
    ratios = Table("ratio", "measured", "goal", "", title="Goals")
    for goal in goals:
        ratio = goal.ratio()
        measured = "not measured" if ratio is None else f"{ratio:.3f}"
        verdict = "" if ratio is None else "[green]met" if ratio <= goal.limit else "[red]missed"
        ratios.add_row(goal.name, measured, f"<= {goal.limit}", verdict)
    yield ratios


def programs_from(options: argparse.Namespace) -> list[Program]:
    """What is measured; our synth comes first, it fills jsii's cache."""
    app: Path = options.app
    file = str(ROOT / "environments" / f"{options.environment}.yaml")
    ours = {"AIRFLOW_ENV": options.environment, "AIRFLOW_BINDINGS": "both"}
    shipped = {**ours, "AIRFLOW_BINDINGS": "as-shipped"}
    synthesize = ["-c", SYNTHESIZE_SCRIPT, OUTDIR, app.stem, file]
    runs: int = options.repetitions
    many: int = options.environments
    return [
        Program(name="synth", arguments=[app.name], environment=ours, repetitions=runs),
        Program(name="floor", arguments=["-c", FLOOR_SCRIPT, OUTDIR], repetitions=runs),
        Program(name="1 environment", arguments=[*synthesize, "1"], environment=ours, repetitions=runs),
        Program(name=f"{many} environments", arguments=[*synthesize, str(many)], environment=ours, repetitions=runs),
        Program(name="synth, as shipped", arguments=[app.name], environment=shipped, repetitions=options.as_shipped),
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures and prints two tables: medians, goals."""
    parser = argparse.ArgumentParser(description="What synthesizing costs: medians, ratios, goals.")
    parser.add_argument("--app", type=Path, default=ROOT / "main.py", help="the app's file (default: main.py)")
    parser.add_argument("--environment", default="dev", help="its file is environments/<this>.yaml (default: dev)")
    parser.add_argument("--environments", type=int, default=10, help="how many in one process (default: 10)")
    parser.add_argument("--repetitions", type=int, default=5, help="runs of each program (default: 5)")
    parser.add_argument("--as-shipped", type=int, default=1, help="runs as shipped, half a minute each; 0: none")
    options = parser.parse_args(arguments)
    programs = programs_from(options)
    console = Console()
    costs = measure_all(programs, options.app.resolve().parent, console)
    for table in tables(programs, costs, list(goals_of(costs, f"{options.environments} environments"))):
        console.print(table)


if __name__ == "__main__":
    main()
