"""`python -m tooling.scaling`: the table of docs/scaling.md; with `--write`, into the document, with its picture."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from dataclasses import replace

from constructs.capacity.instance_types import known_types
from constructs.capacity.nodes import left_for_pods
from constructs.settings.sections.airflow.components import ComponentsSettings

from tooling.scaling.day import tasks
from tooling.scaling.fleet import Day, Fleet, Outcome
from tooling.scaling.picture import drawn
from tooling.virtual_environments import ROOT

DOCUMENT, PICTURE = ROOT / "docs/scaling.md", ROOT / "docs/pictures/scaling.svg"
BEGIN, END = "<!-- python -m tooling.scaling --write -->\n", "<!-- end -->\n"
SEED = 20261130
#: The nodes, and what an hour of one costs on demand in us-east-1, in US dollars (twice an m7g.large's 0.0816, of June
#: 2026): https://aws.amazon.com/ec2/pricing/on-demand/
INSTANCE_TYPE, PRICE = "m7g.xlarge", 0.1632
HEADINGS = (
    "workers",
    "nodes",
    "half wait at most",
    "95 % at most",
    "longest",
    "worker hours",
    "node hours",
    "US dollars",
    "tasks cut off",
)


def fleets() -> Sequence[tuple[str, str, Fleet]]:
    """Return what is compared: workers and nodes in words, and the fleet."""
    components = ComponentsSettings()
    room, each = (
        left_for_pods(known_types()[INSTANCE_TYPE]),
        components.with_sidecars(components.workers, git_sync=True),
    )
    on_a_node = min(room.mebibytes // each.mebibytes, room.millicores // each.millicores)
    scaled = Fleet(
        name="min: 2, max: 20, nodes as needed",
        least=2,
        most=20,
        concurrency=components.workers.concurrency,
        workers_per_node=on_a_node,
        elastic_nodes=True,
        grace_seconds=components.workers.termination_grace_seconds,
    )
    fixed = [
        replace(scaled, name=f"{count} workers, always", least=count, most=count, elastic_nodes=False)
        for count in (8, 20)
    ]
    return (
        ("`replicas: 8`", "always there", fixed[0]),
        ("`replicas: 20`", "always there", fixed[1]),
        ("`autoscaling: {min: 2, max: 20}`", "always there", replace(scaled, elastic_nodes=False)),
        ("the same", "as needed", scaled),
        ("the same, `termination_grace_seconds: 3600`", "as needed", replace(scaled, grace_seconds=3600)),
        ("`autoscaling: {min: 0, max: 20}`", "as needed", replace(scaled, least=0)),
    )


def outcomes() -> Sequence[tuple[str, str, Outcome]]:
    """Let the same day pass on each fleet."""
    load = tasks(SEED)
    return [(workers, nodes, Day(fleet, load, SEED).run()) for workers, nodes, fleet in fleets()]


def table(days: Sequence[tuple[str, str, Outcome]]) -> str:
    """Return the table, in Markdown."""
    rows: list[Sequence[str]] = [HEADINGS, ["---"] * 2 + ["---:"] * (len(HEADINGS) - 2)]
    for workers, nodes, day in days:
        hours = day.node_seconds / 3600
        waits = [f"{day.wait(share)} s" for share in (0.5, 0.95, 1)]
        numbers = [f"{day.worker_seconds / 3600:.0f}", f"{hours:.0f}", f"{hours * PRICE:.2f}", str(day.killed)]
        rows.append([workers, nodes, *waits, *numbers])
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def picture(days: Sequence[tuple[str, str, Outcome]]) -> str:
    """Return the picture: the fixed number of half the price, and workers and nodes that come and go."""
    return drawn(days[0][2], days[3][2])


def document(days: Sequence[tuple[str, str, Outcome]]) -> str:
    """Return the document with the table in its place."""
    text = DOCUMENT.read_text(encoding="utf-8")
    return re.sub(f"(?<={re.escape(BEGIN)}).*?(?={END})", lambda _: table(days), text, flags=re.DOTALL)


def main() -> None:
    """Print the table, or write it where it is read."""
    parser = argparse.ArgumentParser(prog="python -m tooling.scaling", description=__doc__)
    parser.add_argument("--write", action="store_true", help="into docs/scaling.md, and its picture")
    days = outcomes()
    if parser.parse_args().write:
        DOCUMENT.write_text(document(days), encoding="utf-8")
        PICTURE.parent.mkdir(exist_ok=True)
        PICTURE.write_text(picture(days), encoding="utf-8")
    else:
        print(table(days), end="")


if __name__ == "__main__":
    main()
