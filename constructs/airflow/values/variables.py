"""Lists that both the user's file and the stack have entries in, such as environment variables: both count."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml
from constructs.airflow.values.merge import merged
from constructs.airflow.values.places import at, map_at

Values = dict[str, Any]

#: Text that the chart reads as a list of variables of all Airflow containers.
EXTRA = "extraEnv"
#: Where components are in the values, and their lists in which the stack may have entries of its own.
_PLACES = (
    *(("apiServer",), ("scheduler",), ("dagProcessor",), ("triggerer",)),
    *(("workers", "celery"), ("workers", "kubernetes"), ("dags", "gitSync")),
)
_LISTS = ("env", "extraVolumes", "extraVolumeMounts")


def extra_variables(text: str) -> list[dict[str, Any]] | None:
    """Return the entries of the text `extraEnv`, every value as it is written; None if it is no list of them."""
    try:
        # All scalars are text to this loader, as they are to a container.
        entries = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  # a SafeLoader that leaves even numbers alone
    except (yaml.YAMLError, RecursionError, TypeError):
        return None
    if isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries):
        return entries
    return [] if entries in ("", None) else None


def joined(first: Mapping[str, Any], then: Mapping[str, Any]) -> Values:
    """Return both values as one, the components' lists with the entries of both."""
    result = merged(first, then)
    for place in _PLACES:
        ours, theirs = map_at(place, first), map_at(place, then)
        for name in _LISTS:
            if ours.get(name) and theirs.get(name):
                result = merged(result, at(place, {name: [*ours[name], *theirs[name]]}))
    return result


def with_users_variables(user: Mapping[str, Any], computed: Mapping[str, Any]) -> Values:
    """Return the computed values with the user's entries in front of the stack's, where both have some."""
    result = dict(computed)
    both = joined(user, computed)
    for place in _PLACES:
        lists = {name: map_at(place, both)[name] for name in _LISTS if map_at(place, computed).get(name)}
        result = merged(result, at(place, lists))
    theirs, ours = extra_variables(user.get(EXTRA) or ""), extra_variables(computed.get(EXTRA, ""))
    if theirs and ours:
        result[EXTRA] = yaml.safe_dump([*theirs, *ours], sort_keys=False, allow_unicode=True)
    return result
