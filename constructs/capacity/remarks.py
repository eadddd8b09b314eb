"""Pods that find no room when it is needed: warnings of a synth, and what to write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from constructs.capacity.connections import refused_clients
from constructs.capacity.fit import Case, Fit, words
from constructs.capacity.groups import Group
from constructs.capacity.instance_types import source
from constructs.capacity.parallelism import idle_workers
from constructs.capacity.placement import PLACES, component_of, location_of, placed
from constructs.capacity.pools import Pool
from constructs.settings.document.problems import key_path
from constructs.settings.environment import Environment

SHOWN_BY = "python -m ops fit shows all"


class Gravity(Enum):
    """What becomes of pods."""

    WAITING = "some get no node, and wait"
    NO_RESERVE = "all get one, but not one more, or not with one node less"
    OTHER = "they have one"


@dataclass(frozen=True)
class Finding:
    """Something that keeps pods from a node, or may."""

    gravity: Gravity
    key: str
    said: str
    fix: str

    @property
    def text(self) -> str:
        """All of it as one sentence."""
        return f"{self.key}: {self.said}; {self.fix}"


def remarks(environment: Environment, values: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each thing that keeps pods from a node, tasks from workers, or processes from PgBouncer.

    `values` are the user's, of helm/values.yaml.
    """
    found = findings(Fit.of(environment, values))
    others = (*idle_workers(environment, values), *refused_clients(environment, values))
    return [*(finding.text for finding in found), *others]


def findings(fit: Fit) -> list[Finding]:
    """Return each thing that keeps pods from a node."""
    unreachable = list(_unreachable(fit))
    return [
        *unreachable,
        *_untolerated(fit),
        *_on_spot(fit),
        *_away_from_the_volume(fit),
        *(() if unreachable else _without_room(fit)),
        *(() if unreachable else _beyond_the_nodes(fit)),
    ]


def _without_room(fit: Fit) -> Iterator[Finding]:
    """The gravest of three: not all at the start, none for an update, none after the loss of a node."""
    if fit.unknown:
        said = f"{', '.join(fit.unknown)} is not among the instance types that the project knows ({source()})"
        yield Finding(Gravity.OTHER, "cluster.node_groups", said, "so nothing says whether the pods fit")
        return
    start, another = fit.nodes(largest=False), fit.another()
    adds = "node pools add nodes for those alone that may run there" if fit.pools else "nothing adds nodes by itself"
    cases = {
        Case(): f"{{missing}} no room on the nodes that the environment starts with, {start}; {adds}, "
        "so a deploy waits for them until it gives up",
        Case(more=(another,)): f"all pods fit on {start}, but not one more of {words(another.name)}, which an update "
        "starts before it stops the old one",
    }
    groups = {group.name for group in fit.groups}
    # A node of a pool that is lost is started again.
    if any(kind.count > 1 and not kind.groups.isdisjoint(groups) for kind in fit.components):
        cases[Case(lost=1)] = f"all pods fit on {start}, but while a node is lost {{missing}} no room"
    for case, text in cases.items():
        missing = fit.unplaced(case)
        if missing:
            key, fix = _enough(fit, missing, case)
            gravity = Gravity.WAITING if case == Case() else Gravity.NO_RESERVE
            said = text.format(missing=_counted(missing, fit))
            yield Finding(gravity, key, said, f"{fix} ({SHOWN_BY})")
            return


def _beyond_the_nodes(fit: Fit) -> Iterator[Finding]:
    """Pods that autoscaling may start, and that no node has room for."""
    if fit.unknown or not fit.scaled or fit.unplaced(Case(largest=True)):
        return
    for name, count in fit.unplaced(Case(largest=True, more=fit.scaled)).items():
        most = fit.environment.airflow.most_pods[name][0]
        yield Finding(
            Gravity.OTHER,
            f"{key_path(location_of(name))}.autoscaling.max",
            f"{count} of {most} pods find no room on the most nodes that there may be, {fit.nodes(largest=True)}, and "
            "stay pending",
            f"lower it, or raise {_bound_of(fit, name)} ({SHOWN_BY})",
        )


def _bound_of(fit: Fit, name: str) -> str:
    pool = next((pool for pool in fit.pools if pool.name in fit.reachable(name)), None)
    return f"{pool.key}.limits" if pool else "max_size of their node group"


def _enough(fit: Fit, missing: Mapping[str, int], case: Case) -> tuple[str, str]:
    """The key of the group or pool whose growth helps, and what to write."""
    reachable = fit.reachable(next(iter(missing)))
    pool = next((pool for pool in fit.pools if pool.name in reachable), None)
    group = next((group for group in fit.groups if group.name in reachable), None)
    if pool or not group:
        limits = f"{pool.key}.limits" if pool else "cluster.node_groups"
        return limits, "raise them, or name larger instance types, or lower airflow.components"
    key, now = f"{group.key}.min_size", group.settings
    for size in range(now.min_size + 1, now.min_size + sum(missing.values()) + 1):
        if not fit.with_size(group.name, size).unplaced(case):
            above = f", max_size: {size}" if size > now.max_size else ""
            kept = "a group that exists keeps its desired size, so raise that first: see docs/troubleshooting.md"
            return key, f"write min_size: {size}{above}; {kept}"
    return key, "take larger instance types, or lower airflow.components"


def _unreachable(fit: Fit) -> Iterator[Finding]:
    groups = "; ".join(f"{place.name} ({_labels(place)})" for place in fit.places)
    for name in placed(fit.environment.airflow):
        if not fit.reachable(name):
            yield Finding(
                Gravity.WAITING,
                f"helm/values.yaml: {'.'.join(PLACES[component_of(name)])}",
                f"{words(name)} get no node: no node group has the labels of the nodeSelector and no taint that isn't "
                f"tolerated; the groups are {groups}",
                f"{key_path(location_of(name))}.node_group names one for this environment alone",
            )


def _untolerated(fit: Fit) -> Iterator[Finding]:
    used = {group for name in placed(fit.environment.airflow) for group in fit.reachable(name)}
    for place in fit.places:
        # A task of the KubernetesExecutor may bring tolerations of its own, in its DAG.
        if place.settings.repels_pods and place.name not in used and not fit.environment.airflow.uses_kubernetes:
            yield Finding(
                Gravity.OTHER,
                f"{place.key}.taints",
                "no pod of Airflow tolerates them, and the nodes stay empty",
                f"write airflow.components.<name>.{place.setting}: {place.name}, set tolerations of a component in "
                f"helm/values.yaml, or remove the {place.setting.removeprefix('node_')}",
            )


def _on_spot(fit: Fit) -> Iterator[Finding]:
    """What all tasks need, and nobody has kept off spot nodes."""
    spot = [place for place in reversed(fit.places) if place.settings.is_spot]
    names = {place.name for place in spot}
    others = [group.name for group in fit.groups if group.name not in names]
    needed = {name for name, settings in placed(fit.environment.airflow).items() if settings.carries_the_rest}
    there = [words(kind.name) for kind in fit.components if kind.name in needed and not kind.groups.isdisjoint(names)]
    if there:
        yield Finding(
            Gravity.OTHER,
            spot[0].capacity_key,
            f"{', '.join(there)} may be started on spot nodes, which AWS takes away with two minutes' notice, and "
            "without them no task runs",
            f"give it a taint and send other components there by airflow.components.<name>.{spot[0].setting}, "
            f"or write node_group: {others[0]} for these"
            if others
            else "add a group with capacity_type: on_demand for them, if tasks are not to stand still meanwhile",
        )


def _away_from_the_volume(fit: Fit) -> Iterator[Finding]:
    """The queue's volume lies in one zone, and a node has to be there."""
    queue = next((kind for kind in fit.components if kind.name == "redis"), None)
    homes = [group for group in fit.groups if queue and group.name in queue.groups]
    if queue and any(pool.name in queue.groups for pool in fit.pools):
        return  # Karpenter starts a node in the volume's zone
    all_zones = fit.environment.availability_zones
    zones = len({zone for group in homes for zone in group.settings.availability_zones or all_zones})
    nodes = sum(group.settings.min_size for group in homes)
    if nodes < zones and all(len(group.settings.availability_zones or ()) != 1 for group in homes):
        yield Finding(
            Gravity.OTHER,
            f"{homes[0].key}.min_size",
            f"{nodes} nodes for {zones} zones, and redis' volume stays in the zone where it was made: once its node is "
            "replaced in another zone, the queue stands still",
            f"write min_size: {zones}, or availability_zones of one zone for the group",
        )


def _counted(missing: Mapping[str, int], fit: Fit) -> str:
    number = sum(missing.values())
    return f"{number} of {sum(kind.count for kind in fit.pods)} pods {'find' if number > 1 else 'finds'}"


def _labels(group: Group | Pool) -> str:
    labels = sorted(group.settings.node_labels.items())
    return ", ".join(f"{key}: {value}" for key, value in labels) or "no labels of its own"
