"""When each resource of a stack can begin at the earliest, and what it waits for, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from constructs.checks.order import why
from constructs.checks.synthesized import PREFIXES, SynthesizedStack, texts

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
FROM_STATE = "its outputs are read from the state, which has them when all is there"
#: A standby is built from a snapshot of the first.
MULTI_AZ = 420

_WORD = re.compile(r"[\w.\[\]]+")
#: Names of what a resource itself is, not of what it needs.
_NO_ARGUMENTS = ("//", "tags", "provider", "depends_on")


@dataclass(frozen=True)
class Step:
    """One resource of a deploy, or something that is read."""

    address: str
    begins: int
    seconds: int
    waits_for: str | None
    """Of what it waits for, what is ready last."""

    why: str
    """Why it waits for that: a reference, or a rule that an edge without one keeps."""

    @property
    def ends(self) -> int:
        """Seconds after the beginning of the deploy."""
        return self.begins + self.seconds


@dataclass(frozen=True)
class Schedule:
    """One stack, with as much at a time as the dependencies allow."""

    stack: SynthesizedStack
    begin: int = 0
    after: str | None = None
    """What the whole stack waits for."""

    @cached_property
    def steps(self) -> Mapping[str, Step]:
        """Address -> step."""
        done: dict[str, Step] = {}
        for address in self.stack.blocks:
            self._schedule(address, done)
        return done

    def reasons(self, address: str) -> Mapping[str, str]:
        """What a resource needs -> why: a reference, or for an edge without one the rule that it keeps."""
        found, body = dict[str, str](), self.stack.blocks[address]
        for needed in body.get("depends_on", ()):
            rule = why(self.stack.name, needed, address)
            found[needed] = f"else {rule}" if rule else ""
        # Of several references the one that is said in the fewest words.
        references = sorted(self._references(address), key=lambda reference: -len(reference[1]))
        found.update(references)
        return {needed: reason for needed, reason in found.items() if needed in self.stack.blocks and needed != address}

    def _references(self, address: str) -> Iterator[tuple[str, str]]:
        """Yield what arguments refer to, and in which words; the provider needs what it needs for the resource."""
        arguments = _arguments(self.stack.blocks[address])
        provider = address.removeprefix("data.").removeprefix("ephemeral.").partition("_")[0]
        for settings in self.stack.document.get("provider", {}).get(provider, ()):
            arguments.extend((f"{path} of the provider", text) for path, text in _arguments(settings))
        for path, text in arguments:
            for word in _WORD.findall(text):
                parts = word.split(".")
                length = 3 if parts[0] in PREFIXES else 2
                yield ".".join(parts[:length]), f"needs its {'.'.join(parts[length:]) or 'id'} ({path})"

    def _schedule(self, address: str, done: dict[str, Step]) -> Step:
        if address not in done:
            reasons = self.reasons(address)
            before = [self._schedule(needed, done) for needed in sorted(reasons)]
            last = max(before, key=lambda step: (step.ends, _weight(reasons[step.address])), default=None)
            begins, waits_for, reason = self.begin, self.after, FROM_STATE if self.after else ""
            if last:
                begins, waits_for, reason = last.ends, last.address, reasons[last.address]
            done[address] = Step(address, begins, _seconds(address, self.stack.blocks[address]), waits_for, reason)
        return done[address]


def _arguments(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return path and text of every argument."""
    own = {key: value for key, value in body.items() if key not in _NO_ARGUMENTS}
    return [(".".join(path), text) for path, text in texts(own)]


def _weight(reason: str) -> tuple[bool, int]:
    """Of several that are ready at the same time, one with a reason, in few words."""
    return bool(reason), -len(reason)


def _seconds(address: str, body: Mapping[str, object]) -> int:
    if address.startswith(("data.", "ephemeral.")):
        return 0
    seconds = SECONDS.get(address.partition(".")[0], QUICK)
    return seconds + (MULTI_AZ if body.get("multi_az") is True else 0)
