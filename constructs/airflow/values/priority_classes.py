"""The list of priority classes that the chart makes: the user's file may have some, and the stack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LIST = "priorityClasses"


def with_users_classes(user: Mapping[str, Any], computed: Mapping[str, Any]) -> dict[str, Any]:
    """Return the computed values with the user's classes beside the stack's; of two of one name the user's is made."""
    theirs, ours = user.get(LIST), computed.get(LIST)
    if not isinstance(theirs, list) or not ours:
        return dict(computed)
    names = {one.get("name") for one in theirs if isinstance(one, Mapping)}
    return {**computed, LIST: [*theirs, *(one for one in ours if one["name"] not in names)]}
