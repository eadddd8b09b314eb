"""Places in a chart's values: `("workers", "celery")` is workers.celery."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def at(place: Sequence[str], value: Any) -> dict[str, Any]:
    """Return values that have a value at a place, and nothing where it is empty."""
    if not value:
        return {}
    for key in reversed(place):
        value = {key: value}
    return dict(value)


def value_at(place: Sequence[str], values: object) -> Any:
    """Return what `values` have at a place: None where there is nothing, or what it should be in is no map."""
    found: Any = values
    for key in place:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def map_at(place: Sequence[str], values: object) -> Mapping[str, Any]:
    """Return the map that `values` have at a place: an empty one where there is none."""
    found = value_at(place, values)
    return found if isinstance(found, Mapping) else {}
