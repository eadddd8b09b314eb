"""The file `webserver_config.py` of the api-server, which both the user's file and the stack may have text for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from constructs.airflow.values.merge import merged
from constructs.airflow.values.places import at, value_at

PLACE = ("apiServer", "apiServerConfig")


def with_users_configuration(user: Mapping[str, Any], computed: Mapping[str, Any]) -> dict[str, Any]:
    """Return the computed values with the user's text below the stack's, where both have some: what is last counts."""
    theirs, ours = value_at(PLACE, user), value_at(PLACE, computed)
    if not theirs or not ours:
        return dict(computed)
    return merged(computed, at(PLACE, f"{ours}\n\n# From helm/values.yaml\n{theirs}"))
