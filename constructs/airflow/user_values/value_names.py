"""The names that the chart's values have on their first two levels, kept for where the chart itself is not at hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "chart_value_names.json"


@dataclass(frozen=True, kw_only=True)
class ValueNames:
    """The names of one version of the chart."""

    chart: str
    names: Mapping[str, frozenset[str] | None]
    """Name -> names below it; None where any name may stand there, or none can."""

    def knows(self, name: str, below: str | None = None) -> bool:
        """Whether the chart has the value `name`, or `name.below`."""
        if name not in self.names:
            return False
        allowed = self.names[name]
        return below is None or allowed is None or below in allowed


def value_names() -> ValueNames:
    """Return the list that is part of the project."""
    content = json.loads(FILE.read_text(encoding="utf-8"))
    names = {name: None if below is None else frozenset(below) for name, below in content["names"].items()}
    return ValueNames(chart=content["chart"], names=names)


def names_text(schema: Mapping[str, Any], version: str) -> str:
    """Return the text of that list for the chart with this schema; `python -m tooling.chart names` writes it."""
    names = {name: _below(value) for name, value in sorted(schema["properties"].items())}
    lines = ",\n".join(f"    {json.dumps(name)}: {json.dumps(below)}" for name, below in names.items())
    return f'{{\n  "chart": {json.dumps(version)},\n  "names": {{\n{lines}\n  }}\n}}\n'


def _below(value: Mapping[str, Any]) -> list[str] | None:
    """Names inside a map of the schema; None for what is no map, or one of free names."""
    if isinstance(value.get("additionalProperties"), Mapping) or "$ref" in value:
        return None
    return sorted(value["properties"]) if "properties" in value else None
