"""Lists that both the user's file and the stack have entries in, such as environment variables: both count."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml
from constructs.airflow.values.merge import merged

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
        ours, theirs = _below(first, place), _below(then, place)
        for name in _LISTS:
            if ours.get(name) and theirs.get(name):
                result = merged(result, _at(place, {name: [*ours[name], *theirs[name]]}))
    return result


def _at(place: tuple[str, ...], values: Values) -> Values:
    for key in reversed(place):
        values = {key: values}
    return values


def _below(values: Mapping[str, Any], place: tuple[str, ...]) -> Mapping[str, Any]:
    found: Any = values
    for key in place:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def with_users_variables(user: Mapping[str, Any], computed: Mapping[str, Any]) -> Values:
    """Return the computed values with the user's entries in front of the stack's, where both have some."""
    result = dict(computed)
    both = joined(user, computed)
    for place in _PLACES:
        lists = {name: _below(both, place)[name] for name in _LISTS if _below(computed, place).get(name)}
        if lists:
            result = merged(result, _at(place, lists))
    theirs, ours = extra_variables(user.get(EXTRA) or ""), extra_variables(computed.get(EXTRA, ""))
    if theirs and ours:
        result[EXTRA] = yaml.safe_dump([*theirs, *ours], sort_keys=False, allow_unicode=True)
    return result
