"""Names in the user's file that the chart's values don't have, found without the chart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from constructs.airflow.user_values.value_names import ValueNames
from constructs.settings.document.problems import Problem, key_path
from constructs.settings.document.text import Document
from constructs.settings.values.shapes import closest


@dataclass(frozen=True, kw_only=True)
class UnknownName:
    """A name of the first two levels."""

    path: tuple[str, ...]
    nearest: str | None
    chart: str

    def problem(self, document: Document) -> Problem:
        """Return it as a mistake, for where there are others."""
        received = "a name that is none of the chart's"
        allowed = f"names that version {self.chart} of the Airflow chart has"
        fix = f"did you mean {self.nearest}?" if self.nearest else "remove it, or see the chart's parameters"
        return Problem(document.file, document.line(self.path), key_path(self.path), received, allowed, fix)

    def remark(self, document: Document) -> str:
        """Return it as a warning, for where it is alone."""
        hint = f"; did you mean {self.nearest}?" if self.nearest else ""
        place = f"{document.file}:{document.line(self.path)}: {key_path(self.path)}"
        return f"{place}: version {self.chart} of the Airflow chart has no such value{hint}"


def unknown_names(values: Mapping[str, Any], known: ValueNames) -> Iterator[UnknownName]:
    """Yield each name of the first two levels that the chart doesn't have."""
    for name, value in values.items():
        if not known.knows(name):
            yield UnknownName(path=(name,), nearest=closest(name, known.names), chart=known.chart)
        elif isinstance(value, Mapping):
            allowed = known.names[name]
            for below in value:
                if allowed is not None and not known.knows(name, below):
                    yield UnknownName(path=(name, below), nearest=closest(below, allowed), chart=known.chart)
