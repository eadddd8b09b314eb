"""`make bench`: what synthesizing costs, and what it would cost with the provider packages imported otherwise.

Every program runs in a process of its own, in turns: warm, once the caches of Python (bytecode) and jsii (unpacked
packages) are filled, or cold, with an empty cache of jsii's, as a job of a workflow or a newcomer has it. The table
shows medians. Processor time is that of the program and all that it started; wall time is from start to exit. Disk is
what a cold run leaves in its cache. Goals are reported as met or missed; missing one is no failure.

The app (`--app`, default main.py) is a Python file that synthesizes the environment `AIRFLOW_ENV` when run, and has a
function `synthesize(environment: Environment, outdir: Path)`.
"""

from programs import last_resort  # noqa: F401  # first: importing anything of it begins a program

# isort: split

import argparse
import compileall
import importlib.util
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from tooling.measuring import OUTDIR, Cost, Program, measure, median

ROOT = Path(__file__).parents[1]
PROVIDER_PACKAGES = ("cdktf_cdktf_provider_aws", "cdktf_cdktf_provider_helm", "cdktf_cdktf_provider_kubernetes")
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
from constructs.settings.loading.environment_file import load_environment
environment = load_environment(Path(file))
for number in range(int(count)):
    name = f"bench-{number}"
    synthesize(environment.model_copy(update={"name": name}), Path(outdir, name))
"""


ONE, MANY = "one environment", "many environments"


@dataclass(frozen=True, kw_only=True)
class Goal:
    """A figure, and how much it may be."""

    name: str
    measured: float | None  #: None if it was not
    limit: float
    unit: str = ""  #: none for a ratio

    def met(self) -> bool | None:
        """Whether it is; None if it was not measured."""
        return None if self.measured is None else self.measured <= self.limit


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
        for program in programs:
            if program.repetitions and not program.cold:
                measure(program, folder)
        progress.advance(task)
        for turn in range(max(program.repetitions for program in programs)):
            for program in programs:
                if turn < program.repetitions:
                    progress.update(task, description=program.name)
                    costs[program.name].append(measure(program, folder))
                    progress.advance(task)
    return {name: median(runs) for name, runs in costs.items()}


def goals_of(costs: Mapping[str, Cost], environments: int) -> Iterator[Goal]:
    """The goals; ratios are to whole packages and Node.js as PATH has it, as this project had both until 2026-11-29."""

    def of_whole_packages(temperature: str) -> float:
        whole = costs[f"synth, {temperature}, whole packages"]
        return costs[f"synth, {temperature}"].processor_seconds / whole.processor_seconds

    cold, warm = costs["synth, cold"], costs["synth, warm"]
    yield Goal(name="cold: processor time / whole packages", measured=of_whole_packages("cold"), limit=0.45)
    yield Goal(name="cold: memory", measured=_megabytes(cold.peak_bytes), limit=200, unit="MB")
    yield Goal(name="cold: disk", measured=_megabytes(cold.disk_bytes), limit=60, unit="MB")
    yield Goal(name="warm: processor time / whole packages", measured=of_whole_packages("warm"), limit=0.7)
    yield Goal(name="warm: memory", measured=_megabytes(warm.peak_bytes), limit=130, unit="MB")
    further = (costs[MANY].seconds - costs[ONE].seconds) / (environments - 1)
    yield Goal(name="each further environment: wall time", measured=further, limit=0.35, unit="s")


def _megabytes(number: float | None) -> float | None:
    return None if number is None else number / 1e6


def tables(programs: Sequence[Program], costs: Mapping[str, Cost], goals: Sequence[Goal]) -> Iterator[Table]:
    """The medians, and how they stand to the goals."""

    def shown(number: float | None, digits: int, missing: str = "") -> str:
        return missing if number is None else f"{number:.{digits}f}"

    columns = ("runs", "processor, s", "wall, s", "memory, MB", "disk, MB")
    medians = Table("program", *columns, title="Medians")
    for program in programs:
        if program.name in costs:
            cost = costs[program.name]
            medians.add_row(
                program.name,
                str(program.repetitions),
                shown(cost.processor_seconds, 2),
                shown(cost.seconds, 2),
                shown(_megabytes(cost.peak_bytes), 0, "not measured"),
                shown(_megabytes(cost.disk_bytes), 0),
            )
    yield medians
    judged = Table("figure", "measured", "goal", "", title="Goals")
    for goal in goals:
        verdict = {None: "", True: "[green]met", False: "[red]missed"}[goal.met()]
        measured = shown(goal.measured, 0 if goal.unit == "MB" else 2, "not measured")
        judged.add_row(goal.name, measured, f"<= {goal.limit} {goal.unit}".strip(), verdict)
    yield judged


def programs_from(options: argparse.Namespace) -> list[Program]:
    """What is measured; our synth comes first, it fills jsii's cache."""
    app: Path = options.app
    file = str(ROOT / "environments" / f"{options.environment}.yaml")

    def synth(name: str, bindings: str, repetitions: int, *, cold: bool = False) -> Program:
        variables = {"AIRFLOW_ENV": options.environment, "AIRFLOW_BINDINGS": bindings}
        if bindings != "reduced":
            variables["JSII_NODE"] = str(Path(sys.executable).with_name("node"))
        return Program(
            name=f"synth, {name}", arguments=[app.name], environment=variables, repetitions=repetitions, cold=cold
        )

    synthesize = ["-c", SYNTHESIZE_SCRIPT, OUTDIR, app.stem, file]
    runs: int = options.repetitions
    return [
        synth("warm", "reduced", runs),
        synth("cold", "reduced", runs, cold=True),
        synth("warm, whole packages", "both", runs),
        synth("cold, whole packages", "both", max(1, runs // 2), cold=True),
        synth("warm, as shipped", "as-shipped", options.as_shipped),
        Program(name="floor", arguments=["-c", FLOOR_SCRIPT, OUTDIR], repetitions=runs),
        Program(name=ONE, arguments=[*synthesize, "1"], repetitions=runs),
        Program(name=MANY, arguments=[*synthesize, str(options.environments)], repetitions=runs),
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
    for table in tables(programs, costs, list(goals_of(costs, options.environments))):
        console.print(table)


if __name__ == "__main__":
    main()
