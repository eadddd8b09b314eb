"""What `make demo` shows of the stack `platform`: its resources in the order of their deploy, and the chart's pods."""

from __future__ import annotations

import re
from collections.abc import Mapping
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import yaml
from constructs.airflow.charts.airflow_chart import VERSION
from constructs.checks.synthesized import SynthesizedStack
from rich.console import Console
from rich.table import Table

from tooling.chart import Workload, rendered_workloads

#: Expressions of the values become names that fit, for a rendering without Terraform.
EXPRESSION = re.compile(r"\$\{[^}]*\}")


def steps(stack: SynthesizedStack) -> list[list[str]]:
    """Addresses of a stack's resources; those of one step wait for earlier ones and for none of their own."""
    resources = {
        f"{terraform_type}.{name}": arguments
        for terraform_type, named in stack.document["resource"].items()
        for name, arguments in named.items()
    }
    sorter = TopologicalSorter({address: _needs(arguments, resources) for address, arguments in resources.items()})
    sorter.prepare()
    found = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        found.append(ready)
        sorter.done(*ready)
    return found


def _needs(arguments: Mapping[str, Any], resources: Mapping[str, Any]) -> set[str]:
    """Addresses that a resource names, as what it depends on or in an expression."""
    text = " ".join([*arguments.get("depends_on", ()), *re.findall(r"\$\{([^}]*)\}", str(arguments))])
    return {match for match in re.findall(r"\b[a-z0-9_]+\.[a-z0-9_]+\b", text) if match in resources}


def show_steps(console: Console, stack: SynthesizedStack) -> None:
    """Print the resources in the order in which they are made."""
    title = (
        "The stack platform, made after infrastructure, step by step (and destroyed from the last step to the first)"
    )
    table = Table("step", "resources", title=title, title_justify="left")
    for number, addresses in enumerate(steps(stack), start=1):
        table.add_row(str(number), ", ".join(addresses))
    console.print(table)


def show_rendering(console: Console, stack: SynthesizedStack, chart: Path | None) -> None:
    """Print the workloads that the chart makes of the stack's values, or how to see them."""
    if chart is None:
        console.print(
            f"What the Airflow chart {VERSION} makes of the values is shown where the chart is at hand: `make chart` "
            "downloads it, AIRFLOW_CHART names the folder of an unpacked one."
        )
        return
    release = stack.resources("helm_release")["airflow"]
    values = yaml.safe_load(EXPRESSION.sub("example", release["values"][0]))
    table = Table("workload", "replicas", "container", "image", "requests", title_justify="left")
    table.title = f"What the Airflow chart {VERSION} makes of the values"
    for workload in rendered_workloads(chart, values):
        for row in _rows(workload):
            table.add_row(*row)
    console.print(table)


def _rows(workload: Workload) -> list[tuple[str, str, str, str, str]]:
    """One row for each container; the workload stands in the first."""
    rows = []
    for position, (name, image, requests) in enumerate(workload.containers):
        first = position == 0
        what = f"{workload.kind} {workload.name}" if first else ""
        needs = ", ".join(f"{amount} {resource}" for resource, amount in requests.items())
        rows.append((what, str(workload.replicas) if first else "", name, image, needs))
    return rows
