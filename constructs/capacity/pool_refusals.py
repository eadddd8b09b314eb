"""Node pools of which no node could ever be started: mistakes of the environment file."""

from __future__ import annotations

from collections.abc import Iterator

from constructs.capacity.instance_types import known_types, source
from constructs.capacity.pools import Pool, pools_of, types_of
from constructs.settings.document.problems import Problem, key_path
from constructs.settings.document.text import Document, Location
from constructs.settings.environment import Environment
from constructs.settings.sections.node_groups import architecture_of
from constructs.settings.values.quantities import MEMORY
from constructs.settings.values.shapes import closest


def pool_problems(environment: Environment, document: Document) -> Iterator[Problem]:
    """Yield what is wrong with families, sizes, processors and limits of node pools."""
    for pool in pools_of(environment.cluster):
        yield from list(_of_types(pool, document)) or list(_of_limits(pool, document))


def _problem(document: Document, location: Location, received: str, allowed: str, fix: str) -> Problem:
    return Problem(document.file, document.line(location), key_path(location), received, allowed, fix)


def _of_types(pool: Pool, document: Document) -> Iterator[Problem]:
    settings, at = pool.settings, pool.location
    families = {kind.partition(".")[0] for kind in known_types()} if settings.instance_families else set()
    for family in settings.instance_families:
        location = (*at, "instance_families")
        if family not in families:
            nearest = closest(family, families)
            yield _problem(
                document,
                location,
                family,
                f"families of EC2 instance types that the project knows ({source()})",
                f"did you mean {nearest}?" if nearest else "name another one, or its single types as instance_types",
            )
        elif not types_of(family, settings.instance_sizes):
            sizes = ", ".join(kind.name.partition(".")[2] for kind in types_of(family))
            yield _problem(
                document,
                location,
                family,
                f"families that have one of instance_sizes, {', '.join(settings.instance_sizes)}; {family} has {sizes}",
                "add one of these to instance_sizes, or remove the family",
            )
    types = [
        *(("instance_types", name, name) for name in settings.instance_types),
        *(("instance_families", name, f"{name}.large") for name in settings.instance_families),
    ]
    for key, written, one in types:
        processors = architecture_of(one)
        if processors not in settings.architectures:
            yield _problem(
                document,
                (*at, key),
                written,
                f"types with processors that {pool.key}.architectures names, "
                f"{', '.join(settings.architectures)}; those of {written} are {processors}",
                f"remove it, or add {processors} to architectures",
            )


def _of_limits(pool: Pool, document: Document) -> Iterator[Problem]:
    limits, at = pool.settings.limits, pool.location
    if not pool.types:
        return
    smallest = pool.types[0]
    for key, unit, received, least in (
        ("cpu", "cores", limits.cpu, smallest.vcpus),
        ("memory", "", limits.memory_mib, smallest.memory_mib),
    ):
        if received < least:
            enough = MEMORY.text(least) if key == "memory" else f"{least} {unit}"
            yield _problem(
                document,
                (*at, "limits", key),
                limits.memory if key == "memory" else str(limits.cpu),
                f"{enough} or more: {smallest.name}, the smallest of its types, has as much",
                "raise it, or name smaller types",
            )
