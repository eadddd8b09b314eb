"""Lists of environment variables that both the user's file and the stack have entries in: both count."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml
from constructs.airflow.values.merge import merged

Values = dict[str, Any]

#: Text that the chart reads as a list of variables of all Airflow containers.
EXTRA = "extraEnv"
#: Component -> its list `env`, in which the stack has variables of its own.
SHARED = ("apiServer",)


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


def with_users_variables(user: Mapping[str, Any], computed: Mapping[str, Any]) -> Values:
    """Return the computed values with the user's variables in front of the stack's, where both have some."""
    result = dict(computed)
    for component in SHARED:
        below = user.get(component)
        theirs = below.get("env") if isinstance(below, Mapping) else None
        ours = computed.get(component, {}).get("env")
        if theirs and ours:
            result = merged(result, {component: {"env": [*theirs, *ours]}})
    theirs, ours = extra_variables(user.get(EXTRA) or ""), extra_variables(computed.get(EXTRA, ""))
    if theirs and ours:
        result[EXTRA] = yaml.safe_dump([*theirs, *ours], sort_keys=False, allow_unicode=True)
    return result
