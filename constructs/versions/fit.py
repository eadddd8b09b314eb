"""What fits with what: Airflow, its chart, Kubernetes and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from constructs.versions.rule import advice
from constructs.versions.table import Need, order, part, within
from constructs.versions.verdict import Kind, Remark


def misfits(chosen: Mapping[str, str], subject: str) -> Iterator[Remark]:
    """Return what doesn't fit, or was not tried together, of one of the versions that are chosen by part."""
    version = chosen[subject]
    for asking, asked_by in chosen.items():
        for need in part(asking).needs:
            if need.part == subject and (need.of is None or within(asked_by, need.of)):
                yield from _remarks(need, version)


def _remarks(need: Need, version: str) -> Iterator[Remark]:
    which = part(need.part)
    said = f"{which.name} {version}"
    if need.at_least and order(version) < order(need.at_least):
        allowed = f"{need.at_least} or newer: {need.why}"
        yield Remark(kind=Kind.UNFIT, says=f"{said} does not fit", allowed=allowed, fix=advice(which, version))
    elif need.below and order(version) >= order(need.below):
        yield Remark(
            kind=Kind.UNFIT,
            says=f"{said} does not fit",
            allowed=f"versions below {need.below}: {need.why}",
            fix=f'write {which.setting}: "{which.tested[0]}"' if which.setting else f"take {which.tested[0]}",
        )
    elif need.tried_to and not within(version, need.tried_to) and order(version) > order(need.tried_to):
        yield Remark(kind=Kind.NEWER, says=f"{said} was not tried with it: {need.why}")
