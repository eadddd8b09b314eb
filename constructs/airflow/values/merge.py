"""The one rule of precedence: the chart's defaults, then helm/values.yaml, then what the stack computes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return both as one: maps are merged, anything else of `above` takes the place of what is `below`, lists too.

    Neither is changed.
    """
    result = dict(below)
    for name, value in above.items():
        present = result.get(name)
        result[name] = merged(present, value) if isinstance(present, Mapping) and isinstance(value, Mapping) else value
    return result
