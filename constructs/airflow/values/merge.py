"""The one rule of precedence: the chart's defaults, then helm/values.yaml, then what the stack computes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: Maps of which one replaces the other, as in the chart: with half of either, pods would go where nobody sends them.
WHOLE = frozenset({"nodeSelector"})


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return both as one: maps are merged, anything else of `above` takes the place of what is `below`, lists too.

    Neither is changed.
    """
    result = dict(below)
    for name, value in above.items():
        present = result.get(name)
        if name not in WHOLE and isinstance(present, Mapping) and isinstance(value, Mapping):
            result[name] = merged(present, value)
        else:
            result[name] = value
    return result
