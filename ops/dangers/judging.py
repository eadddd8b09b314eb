"""Which rules judge which type of resource, and which types need none."""

from __future__ import annotations

from collections.abc import Iterator

from ops.dangers.cluster import CLUSTER
from ops.dangers.database import DATABASE
from ops.dangers.identity import IDENTITY
from ops.dangers.interruptions import INTERRUPTIONS
from ops.dangers.kubernetes_objects import OBJECTS
from ops.dangers.network import NETWORK
from ops.dangers.release_values import RELEASES
from ops.dangers.resource_change import ResourceChange
from ops.dangers.rules import Rule
from ops.dangers.storage import BUCKET, IMAGES, SECRETS, WATCHING
from ops.dangers.watching import ALARMS
from ops.plan_report.danger import Danger, Kind
from ops.plan_report.report import Action
from ops.plan_report.stateful import STATEFUL

RULES: dict[str, tuple[Rule, ...]] = {
    **NETWORK,
    **IDENTITY,
    **CLUSTER,
    **DATABASE,
    **BUCKET,
    **IMAGES,
    **SECRETS,
    **WATCHING,
    **ALARMS,
    **INTERRUPTIONS,
    **OBJECTS,
    **RELEASES,
}

#: Types of which no change opens, weakens or interrupts anything, and why.
HARMLESS = {
    "aws_kms_alias": "a name for people: the stacks refer to keys by their ARN",
    "kubernetes_role_binding_v1": "sets of workers start pods as the release's allowPodLaunching says, which is judged",
    "kubernetes_service_account_v1": "a name without a token; what it may do in AWS is its role's, which is judged",
    "kubernetes_pod_disruption_budget_v1": "how many workers a drain takes at once; each finishes its tasks first",
    "terraform_data": "notes of what was deployed first; what they guard is judged where it is replaced",
}


def judge(change: ResourceChange) -> tuple[Danger, ...]:
    """Return the dangers of a change, the worst first.

    A type that no rule knows, as another version of the program may have made it, is told when it goes.
    """
    if change.action is Action.FORGET:  # it stays as it is; that nobody manages it any more stands in the table
        return ()
    found = list(dict.fromkeys([*_lost(change), *(one for rule in _rules(change.type) for one in rule(change))]))
    return tuple(sorted(found, key=lambda one: _ORDER.index(one.kind)))


_ORDER = list(Kind)


def _rules(kind: str) -> tuple[Rule, ...]:
    return RULES.get(kind, () if kind in HARMLESS else (_unknown,))


def _lost(change: ResourceChange) -> Iterator[Danger]:
    """What is stored in the resource goes with it."""
    if change.goes and (what := STATEFUL.get(change.type)):
        word = "replaced" if change.action is Action.REPLACE else "destroyed"
        because = f"; {change.reason}" if change.reason else ""
        yield Danger(kind=Kind.LOSES, what=f"{word}: {what}{because}")


def _unknown(change: ResourceChange) -> Iterator[Danger]:
    if change.goes:
        yield Danger(kind=Kind.INTERRUPTS, what=f"{change.action}: no rule knows what goes with it")
