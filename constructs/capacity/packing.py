"""Pods onto nodes: whether a way is found in which all fit, or whether there can't be one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass

from constructs.settings.sections.airflow.component import Demand


@dataclass(frozen=True)
class Pods:
    """Pods that are all alike."""

    name: str
    count: int
    each: Demand
    groups: frozenset[str]
    """The node groups that they may run on."""


@dataclass(frozen=True)
class Nodes:
    """Nodes that are all alike."""

    group: str
    count: int
    each: Demand


def unplaced(pods: Collection[Pods], nodes: Sequence[Nodes]) -> Mapping[str, int]:
    """Return how many pods of each name found no node; empty where all did.

    The largest first, each on the node that has the least left after it. If all find one, all fit. If not, there may
    still be a way that this doesn't see: `impossible` knows when there is none.
    """
    whole = _sum(one.each * one.count for one in nodes)
    free: Counter[tuple[str, Demand]] = Counter()
    for one in nodes:
        free[one.group, one.each] += one.count
    left: Counter[str] = Counter()
    for kind in sorted(pods, key=lambda kind: (_share(kind.each, whole), kind.name), reverse=True):
        missing = kind.count
        while missing:
            fitting = [
                (group, there)
                for (group, there), count in free.items()
                if count and group in kind.groups and _holds(there, kind.each)
            ]
            if not fitting:
                left[kind.name] += missing
                break
            # A node that is the fullest stays it with one pod more: each takes as many as it holds.
            group, there = min(fitting, key=lambda node: _share(node[1], whole))
            on_each = min(missing, _how_many(there, kind.each))
            filled = min(free[group, there], missing // on_each)
            missing -= filled * on_each
            free[group, there] -= filled
            free[group, there + kind.each * -on_each] += filled
    return dict(left)


def impossible(pods: Collection[Pods], nodes: Sequence[Nodes]) -> str | None:
    """Return a name of pods that can't all have a place, whatever goes where; None where that is not certain.

    Certain: more of one kind than all nodes hold, were there nothing else; or kinds that must share some groups ask
    for more than these have.
    """
    for kind in pods:
        room = sum(one.count * _how_many(one.each, kind.each) for one in nodes if one.group in kind.groups)
        if room < kind.count:
            return kind.name
    for shared in {kind.groups for kind in pods} | {frozenset(one.group for one in nodes)}:
        bound = [kind for kind in pods if kind.groups <= shared and kind.count]
        asked = _sum(kind.each * kind.count for kind in bound)
        there = _sum(one.each * one.count for one in nodes if one.group in shared)
        if not _holds(there, asked):
            return max(bound, key=lambda kind: _share(kind.each * kind.count, there)).name
    return None


def _sum(demands: Iterator[Demand]) -> Demand:
    return sum(demands, Demand())


def _holds(there: Demand, asked: Demand) -> bool:
    return all(have >= want for have, want in zip(astuple(there), astuple(asked), strict=True))


def _how_many(there: Demand, each: Demand) -> int:
    pairs: Iterator[tuple[int, int]] = zip(astuple(there), astuple(each), strict=True)
    return min(have // want for have, want in pairs if want)


def _share(part: Demand, whole: Demand) -> float:
    """The largest share that a demand has in something; what is not there at all counts as full."""
    pairs = zip(astuple(part), astuple(whole), strict=True)
    return max(have / want if want else float(have > 0) for have, want in pairs)
