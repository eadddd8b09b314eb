"""`make demo`: the life of an environment, from its file to nothing, on a local AWS endpoint.

Everything is real but AWS: cdktf, Terraform and its AWS provider work on an endpoint on the loopback, and nothing
leaves this machine. With a cluster to fill and empty (CLUSTER_KUBECONFIG) the platform is deployed too, else it is
shown. Output and state lie in a folder that goes with the demo; the checkout's own are not touched.
"""

from __future__ import annotations

import programs  # noqa: F401  # first: imports of constructs start Node.js

# isort: split

import os
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from constructs.airflow.charts.airflow_chart import ChartError, find_chart
from constructs.checks.synthesized import SynthesizedStack
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.cluster.kubernetes_api import KubeconfigError
from tests.emulator import Emulator, EmulatorError
from tests.security.secret_scan import leaks
from tests.terraform.account import secret_values
from tests.terraform.toolchain import ROOT, MissingToolError, Toolchain
from tests.terraform.workspace import CommandError, Workspace, cdktf_options
from tooling.demo_place import place
from tooling.demo_platform import show_rendering, show_steps

#: What Terraform says when it is done with a resource, at the end of a line of cdktf's.
DONE = re.compile(r"(\w+\.\w+): (?:Creation|Destruction) complete after ((?:\d+m)?\d+s)")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")

#: Without a terminal there is no bar; then a line so often, in seconds.
REPORT_EVERY = 15

INTERRUPTED = 130

#: Exit code of `terraform plan -detailed-exitcode` where there is something to do.
CHANGES = 2

#: A certificate authority is one long line.
LONGEST_OUTPUT = 120


class Demo:
    """The steps, each timed."""

    def __init__(self, console: Console, workspace: Workspace, aws: Emulator, stacks: Sequence[str]) -> None:
        self._console = console
        self._workspace = workspace
        self._aws = aws
        self._stacks = stacks
        self._timings: dict[str, float] = {}

    def run(self) -> None:
        """Go through all steps.

        Raises:
            CommandError: cdktf or Terraform failed, or left something that it should not have.
        """
        before = self._aws.inventory()
        self._synthesize()
        self._show_platform()
        self._plan_first()
        with self._step(f"cdktf deploy {' '.join(self._stacks)}"):
            self._follow("deploy")
        for stack in self._stacks:
            self._describe(self._workspace.of(stack))
            self._plan_again(self._workspace.of(stack))
        with self._step(f"cdktf destroy {' '.join(self._stacks)}"):
            self._follow("destroy")
        self._look_for_leftovers(before)
        self._summary()

    def _synthesize(self) -> None:
        with self._step("Synthesize environments/dev.yaml"):
            self._workspace.synth()
        stack = self._read("infrastructure")
        kinds = Counter(address.rpartition(".")[0] for address in stack.addresses)
        table = Table("kind", "how many", title="The stack infrastructure", title_justify="left")
        for kind, count in sorted(kinds.items(), key=lambda item: (-item[1], item[0])):
            table.add_row(kind, str(count))
        self._console.print(table)

    def _read(self, stack: str) -> SynthesizedStack:
        return SynthesizedStack.read(self._workspace.stack_folder(stack))

    def _show_platform(self) -> None:
        with self._step("The platform"):
            stack = self._read("platform")
            show_steps(self._console, stack)
            show_rendering(self._console, stack, find_chart(os.environ, ROOT))

    def _plan_first(self) -> None:
        with self._step("terraform plan: what a reviewer sees"):
            infrastructure = self._workspace.of("infrastructure")
            infrastructure.init()
            plan = infrastructure.plan()
        if plan.returncode != CHANGES:
            raise CommandError(plan.stdout)
        self._console.print(_line(plan.stdout, "Plan:"))

    def _plan_again(self, workspace: Workspace) -> None:
        with self._step(f"terraform plan of {workspace.name} once more"):
            plan = workspace.plan()
        if plan.returncode != 0:
            raise CommandError(f"The second plan is not empty.\n{plan.stdout}")
        self._console.print(_line(plan.stdout, "No changes."))

    def _describe(self, workspace: Workspace) -> None:
        outputs = Table("output", "value", title=f"Outputs of {workspace.name}", title_justify="left")
        for name, value in workspace.outputs().items():
            text = str(value)
            outputs.add_row(name, text if len(text) <= LONGEST_OUTPUT else f"{text[:LONGEST_OUTPUT]}...")
        self._console.print(outputs)
        addresses = workspace.addresses()
        self._console.print(f"[bold]The state as ops reads it (terraform state list), {len(addresses)} lines[/bold]")
        self._console.print("\n".join(addresses), highlight=False)
        secrets = secret_values(self._aws)
        if found := leaks(secrets, {"state": workspace.state_file.read_text(encoding="utf-8")}):
            raise CommandError(f"The state holds a secret: {', '.join(found)}.")
        self._console.print(
            f"Secrets Manager holds {len(secrets)} generated secrets; the state holds none of their values."
        )

    def _look_for_leftovers(self, before: list[str]) -> None:
        after = self._aws.inventory()
        if after != before:
            raise CommandError("Left in the account:\n" + "\n".join(sorted(set(after) - set(before))))
        self._console.print("Nothing is left in the account but KMS keys, which AWS deletes after 30 days.")

    def _follow(self, action: str) -> None:
        """Run cdktf and show which resource it is done with."""
        addresses = [address for stack in self._stacks for address in self._read(stack).addresses]
        resources = sum(not address.startswith(("data.", "ephemeral.")) for address in addresses)
        command = ("cdktf", action, *self._stacks, *cdktf_options(self._stacks))
        columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
        printed: list[str] = []
        with (
            self._workspace.start(*command, "--output", str(self._workspace.outdir)) as process,
            Progress(*columns, console=self._console, disable=not self._console.is_terminal) as progress,
        ):
            task = progress.add_task("", total=resources)
            done, reported = 0, time.monotonic()
            for raw in process.stdout or ():
                line = COLOURS.sub("", raw)
                printed.append(line)
                match = DONE.search(line)
                if not match:
                    continue
                done += 1
                progress.update(task, advance=1, description=f"{match[1]} ({match[2]})")
                if not self._console.is_terminal and time.monotonic() - reported > REPORT_EVERY:
                    self._console.print(f"  {done} of {resources}: {match[1]} ({match[2]})")
                    reported = time.monotonic()
        if process.returncode:
            raise CommandError(f"cdktf {action}: exit code {process.returncode}\n{''.join(printed[-60:])}")
        self._console.print(f"{done} of {resources} resources, {_slowest(printed)}")

    @contextmanager
    def _step(self, title: str) -> Iterator[None]:
        self._console.rule(f"[bold]{title}", align="left")
        started = time.monotonic()
        yield
        self._timings[title] = time.monotonic() - started

    def _summary(self) -> None:
        table = Table("step", "seconds", title="Timings", title_justify="left")
        for title, seconds in self._timings.items():
            table.add_row(title, f"{seconds:.1f}")
        table.add_row("all, after the set-up", f"{sum(self._timings.values()):.1f}")
        self._console.print(table)
        self._console.print("Your own environment: docs/first-deploy.md; then `make deploy`.")


def _line(text: str, start: str) -> str:
    """The line of Terraform's output that begins with `start`."""
    return next((line for line in text.splitlines() if line.startswith(start)), text)


def _slowest(lines: list[str]) -> str:
    """The three resources that took longest, as Terraform reports them."""
    took = {match[1]: match[2] for line in lines if (match := DONE.search(line))}
    longest = sorted(took, key=lambda address: _seconds(took[address]), reverse=True)[:3]
    return "the slowest: " + ", ".join(f"{address} {took[address]}" for address in longest)


def _seconds(duration: str) -> int:
    """80 of `1m20s`."""
    minutes, _, seconds = duration.rstrip("s").rpartition("m")
    return int(minutes or 0) * 60 + int(seconds)


def main() -> int:
    """Run the demo; return 0, 1 after a failure, 130 after Ctrl-C."""
    console = Console(highlight=False)
    try:
        toolchain = Toolchain.find(os.environ)
        with tempfile.TemporaryDirectory(prefix="airflow-demo-") as folder, place(toolchain, Path(folder)) as found:
            provider = toolchain.versions["aws"]
            console.print(f"Local AWS endpoint: {found.aws.endpoint}. AWS provider: {provider}. Folder: {folder}")
            Demo(console, found.workspace, found.aws, found.stacks).run()
    except KeyboardInterrupt:
        console.print("Interrupted. The endpoint is stopped and the demo's folder removed: nothing is left.")
        return INTERRUPTED
    except (ChartError, CommandError, EmulatorError, KubeconfigError, MissingToolError) as failure:
        console.print(str(failure), style="red", markup=False)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
