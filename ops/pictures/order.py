"""The order of a deploy: when each resource can begin at the earliest, and which of them decide how long it takes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from xml.sax.saxutils import escape

from constructs.checks.synthesized import SynthesizedStack

from ops.pictures.stacks import Stacks
from ops.pictures.svg import MARGIN, WIDTH, document

#: What the slow ones are assumed to take, in seconds; everything else a few. AWS promises none of it; its pages name
#: the order: a cluster "several minutes" (https://docs.aws.amazon.com/eks/latest/userguide/create-cluster.html),
#: a database "up to 20 minutes" (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_GettingStarted.html).
SECONDS: Mapping[str, int] = {
    "aws_eks_cluster": 540,
    "aws_eks_node_group": 120,
    "aws_eks_addon": 30,
    "aws_db_instance": 480,
    "aws_nat_gateway": 110,
    "aws_vpc_endpoint": 10,
    "aws_eks_access_policy_association": 10,
    "kubernetes_job_v1": 60,
    "helm_release": 180,
    "kubernetes_ingress_v1": 150,
}
QUICK = 3
#: A standby is built from a snapshot of the first.
MULTI_AZ = 420
#: What is shown: nothing quicker.
SHOWN = 10
_ADDRESS = re.compile(r"\b((?:data\.)?[a-z][a-z0-9]*_[a-z0-9_]+\.[a-z0-9_]+)")


@dataclass(frozen=True)
class Step:
    """One resource of a deploy."""

    address: str
    begins: int
    seconds: int
    waits_for: str | None
    """Of what it waits for, what is ready last."""


class Order:
    """A deploy of both stacks from nothing, with as much at a time as the dependencies allow."""

    def __init__(self, stacks: Stacks) -> None:
        """Read what waits for what."""
        self._stacks = stacks

    @cached_property
    def steps(self) -> Mapping[str, Step]:
        """Address -> step; `platform` begins when all of `infrastructure` is there."""
        first = _scheduled(self._stacks.infrastructure, 0, None)
        last = max(first.values(), key=_end)
        return {**first, **_scheduled(self._stacks.platform, _end(last), last.address)}

    @property
    def seconds(self) -> int:
        """How long the whole takes."""
        return max(map(_end, self.steps.values()))

    @property
    def critical(self) -> Sequence[Step]:
        """The chain of those that decide it: each begins when the one before it is ready."""
        chain = [max(self.steps.values(), key=_end)]
        while chain[-1].waits_for:
            chain.append(self.steps[chain[-1].waits_for])
        return chain[::-1]

    def svg(self) -> str:
        """Return the chart: a bar for each of the slow ones, those of the critical path in yellow."""
        steps = sorted((step for step in self.steps.values() if step.seconds >= SHOWN), key=lambda step: step.begins)
        height = 40 + 22 * len(steps) + 2 * MARGIN
        return document(f"Order of a deploy: about {_minutes(self.seconds)}", WIDTH, height, list(self._bars(steps)))

    def mermaid(self) -> str:
        """Return the same as Mermaid."""
        critical, lines = set(self.critical), ["gantt", "  dateFormat X", "  axisFormat %M:%S"]
        for number, step in enumerate(sorted(self.steps.values(), key=lambda step: step.begins)):
            if step.seconds >= SHOWN:
                mark = "crit, " if step in critical else ""
                lines.append(f"  {step.address} :{mark}s{number}, {step.begins}, {_end(step)}")
        return "\n".join(lines) + "\n"

    def _bars(self, steps: Sequence[Step]) -> Iterator[str]:
        critical, scale = set(self.critical), (WIDTH - 2 * MARGIN) / self.seconds
        for minute in range(0, self.seconds // 60 + 1, 5):
            x = MARGIN + minute * 60 * scale
            yield f'<text class="faint" x="{x:g}" y="24">{minute} min</text>'
            yield f'<path d="M{x:g} 32V{40 + 22 * len(steps)}" stroke="#8c959f" stroke-width="0.4"/>'
        for row, step in enumerate(steps):
            x, y = MARGIN + step.begins * scale, 38 + 22 * row
            width, kind = max(4.0, step.seconds * scale), "node" if step in critical else "subnet"
            words = f"{step.address}, {_minutes(step.seconds)}"
            # Beside the bar, on the side where there is room.
            left = x + width + 7 * len(words) > WIDTH - MARGIN
            place, anchor = (x - 6, "end") if left else (x + width + 6, "start")
            if 7 * len(words) < width:
                place, anchor = x + 8, "start"
            yield f'<rect class="{kind}" x="{x:g}" y="{y}" width="{width:g}" height="18"/>'
            yield f'<text x="{place:g}" y="{y + 14}" text-anchor="{anchor}">{escape(words)}</text>'


def _scheduled(stack: SynthesizedStack, begin: int, after: str | None) -> dict[str, Step]:
    """Begin each resource as soon as all that it refers to, or waits for, is there."""
    bodies = {
        f"{terraform_type}.{name}": body
        for terraform_type, named in stack.document["resource"].items()
        for name, body in named.items()
    }
    done: dict[str, Step] = {}

    def step(address: str) -> Step:
        if address not in done:
            needed = set(_ADDRESS.findall(json.dumps(bodies[address]))) & bodies.keys() - {address}
            before = max(map(step, sorted(needed)), key=_end, default=None)
            begins, waits_for = (_end(before), before.address) if before else (begin, after)
            done[address] = Step(address, begins, _seconds(address, bodies[address]), waits_for)
        return done[address]

    for address in bodies:
        step(address)
    return done


def _seconds(address: str, body: Mapping[str, object]) -> int:
    seconds = SECONDS.get(address.partition(".")[0], QUICK)
    return seconds + (MULTI_AZ if body.get("multi_az") is True else 0)


def _end(step: Step) -> int:
    return step.begins + step.seconds


def _minutes(seconds: int) -> str:
    return f"{seconds // 60} min {seconds % 60:02} s" if seconds >= 60 else f"{seconds} s"  # noqa: PLR2004
