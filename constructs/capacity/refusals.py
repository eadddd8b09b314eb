"""Pods that can never have a place, however many nodes there are: mistakes of the environment file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from constructs.capacity.fit import Fit, in_words, words
from constructs.capacity.groups import Group
from constructs.capacity.packing import Nodes, Pods, impossible
from constructs.capacity.placement import component_of, location_of, placed
from constructs.capacity.pool_refusals import pool_problems
from constructs.capacity.pools import Pool
from constructs.settings.document.problems import Problem, key_path
from constructs.settings.document.text import Document, Location
from constructs.settings.environment import Environment
from constructs.settings.sections.airflow.component import Demand
from constructs.settings.values.quantities import CPU, MEMORY


def problems(environment: Environment, document: Document) -> Iterator[Problem]:
    """Yield what can never have a place, whatever helm/values.yaml says on where the others go than those placed here.

    Counted in favour of the file: each node with all the memory that EC2 names and of the largest of its group's types.
    With a type that the table doesn't have nothing is certain, and nothing is refused.
    """
    of_pools = list(pool_problems(environment, document))
    fit = Fit.of(environment, {})
    if of_pools or fit.unknown:
        yield from of_pools
        return
    too_large = list(_too_large(fit, document))
    yield from too_large or _too_many(fit, document)


def _too_large(fit: Fit, document: Document) -> Iterator[Problem]:
    """Pods that are larger than any empty node."""
    of_tasks = fit.environment.airflow.task_pod_demands
    asked = {**{kind.name: kind.each for kind in fit.components if kind.count}, **of_tasks}
    for name, each in asked.items():
        groups = _allowed(fit, name)
        most = Demand.most(group.at_the_most for group in groups)
        group = max(groups, key=lambda group: group.at_the_most.mebibytes)
        for part, unit, amount, there in (
            ("cpu", CPU, each.millicores, most.millicores),
            ("memory", MEMORY, each.mebibytes, most.mebibytes),
        ):
            if amount > there:
                location = (*location_of(name), part)
                written = getattr(placed(fit.environment.airflow)[name], part)
                beside = "" if written == unit.text(amount) else f" ({unit.text(amount)} with its sidecars)"
                yield Problem(
                    document.file,
                    document.line(location),
                    key_path(location),
                    f"{written}{beside}",
                    f"at most {unit.text(there)} for the pod with its sidecars: {_none(fit, name)} has more "
                    f"left for pods ({in_words(groups, largest=True)})",
                    f"lower it, or write larger {_types_of(group)}",
                )


def _types_of(place: Group | Pool) -> str:
    if isinstance(place, Group):
        return f"types into {place.key}.instance_types"
    key = "instance_types" if place.settings.instance_types else "instance_sizes"
    return f"ones into {place.key}.{key}, or raise its limits"


def _allowed(fit: Fit, name: str) -> Sequence[Group | Pool]:
    """What pods may run on: the one that the file names, else any, since helm/values.yaml may say more.

    Sets of workers and further templates follow their component. Karpenter itself runs on groups only.
    """
    there = placed(fit.environment.airflow)
    named = (settings.place for settings in map(there.get, (name, component_of(name))) if settings and settings.place)
    said = next(named, None)
    places = fit.groups if name == "karpenter" else fit.places
    return [place for place in places if said in (None, place.name)]


def _none(fit: Fit, name: str) -> str:
    places = _allowed(fit, name)
    return "no node of the environment" if len(places) == len(fit.places) else f"no node of {places[0].name}"


def _too_many(fit: Fit, document: Document) -> Iterator[Problem]:
    """More pods than the most nodes hold."""
    kinds = [replace(kind, groups=frozenset(group.name for group in _allowed(fit, kind.name))) for kind in fit.pods]
    nodes = [Nodes(group.name, group.settings.max_size, group.at_the_most) for group in fit.groups]
    nodes += [pool.together for pool in fit.pools]
    name = impossible(kinds, nodes)
    if name is None:
        return
    kind = next(one for one in kinds if one.name == name)
    places = [place for place in fit.places if place.name in kind.groups]
    there = in_words(places, largest=True)
    larger, of_place, size = _growth(places)
    most = _most(kind, [one for one in kinds if one is not kind], nodes)
    settings = placed(fit.environment.airflow).get(name)
    if most and settings:
        scaled = getattr(settings, "autoscaling", None)
        location: Location = (*location_of(name), *(("autoscaling", "min") if scaled else ("replicas",)))
        received = str(kind.count)
        allowed = f"at most {most} of this size, on the most nodes that there may be: {there}"
        fix = f"lower it, or raise {key_path(of_place)}, {larger}"
    else:
        location, received = of_place, size
        allowed = f"enough nodes for all pods; on {there} there is no room for {words(name)}"
        fix = _MORE_NODES if "max_size" in of_place else "raise them, or lower airflow.components"
    yield Problem(document.file, document.line(location), key_path(location), received, allowed, fix)


_MORE_NODES = "raise it, and min_size with it, or take larger instance types, or lower airflow.components"


def _growth(places: Sequence[Group | Pool]) -> tuple[str, Location, str]:
    """Where more nodes are allowed: what to say of it, its place in the file, and what stands there."""
    pool = next((place for place in places if isinstance(place, Pool)), None)
    if pool:
        limits = pool.settings.limits
        written = f"{limits.cpu} cores and {limits.memory}"
        return written, (*pool.location, "limits"), written
    group = max(
        (place for place in places if isinstance(place, Group)),
        key=lambda group: group.settings.max_size * group.at_the_most.mebibytes,
    )
    size = str(group.settings.max_size)
    return f"{size}, and min_size with it", (*group.location, "max_size"), size


def _most(kind: Pods, others: Sequence[Pods], nodes: Sequence[Nodes]) -> int:
    """How many pods of a kind are not certain to be too many."""
    counts = range(kind.count - 1, 0, -1)
    return next((count for count in counts if not impossible([*others, replace(kind, count=count)], nodes)), 0)
