"""Names of airflow.cfg that Airflow doesn't have, or has under another name: it says nothing of them, and obeys none.

The list is generated, see `tooling.airflow_options`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from constructs.airflow.user_values.option_readings import Option, readings
from constructs.settings.values.shapes import closest

FILE = Path(__file__).parent / "airflow_option_names.json"

#: Renamed as a whole in Airflow 2.5, which no list of Airflow 3 has any more.
_RENAMED_SECTIONS = {"kubernetes": "kubernetes_executor"}


@dataclass(frozen=True, kw_only=True)
class OptionNames:
    """The names of one version of Airflow."""

    airflow: str
    generated: str
    """Day on which the list was made."""

    options: Mapping[str, frozenset[str]]
    open: frozenset[str]
    """Sections in which any name may stand."""

    partly: frozenset[str]
    """Sections of providers that were not at hand: of their names the list has only some."""

    renamed: Mapping[str, str]
    removed: frozenset[str]

    def has(self, option: Option) -> bool:
        """Whether Airflow has the option."""
        section, name = option
        return section in self.open or name in self.options.get(section, ())

    def remark(self, section: str, name: str) -> str | None:
        """What is odd about a name in a section, as a sentence without its subject; None if nothing is.

        Sections that nobody knows may be a plugin's.
        """
        plain, *others = readings(section, name)
        section, name = plain
        old = f"{section}.{name}"
        # In a name of its own, or as a command, a secret or one argument of a backend that its value comes from.
        if self.has(plain) or (
            old not in self.renamed and any(self.has(other) for other in others if other[0] == section)
        ):
            return None
        if new := self._new_name(old):
            return f"is called {new} in Airflow {self.airflow}"
        if old in self.renamed or old in self.removed:
            return f"is gone from Airflow {self.airflow}, which ignores it"
        if section in self._gone_sections:
            instead = _RENAMED_SECTIONS.get(section)
            what = f"has {instead} instead" if instead else "ignores it"
            return f"is in no section of Airflow {self.airflow}, which {what}"
        return self._misspelled(section, name)

    @property
    def _gone_sections(self) -> set[str]:
        old_names = (*self.renamed, *self.removed)
        return {*_RENAMED_SECTIONS, *(old.rpartition(".")[0] for old in old_names)} - self.options.keys()

    def _new_name(self, old: str) -> str | None:
        """The name of today, however often it was renamed."""
        seen = {old}
        while (new := self.renamed.get(old)) and new not in seen:
            seen.add(new)
            old = new
            section, _, name = old.rpartition(".")
            if self.has((section, name)):
                return old
        return None

    def _misspelled(self, section: str, name: str) -> str | None:
        unknown = f"is no option of Airflow {self.airflow}"
        if section in self.options:
            nearest = closest(name, self.options[section])
            if nearest:
                return f"{unknown}; did you mean {section}.{nearest}?"
            elsewhere = sorted(other for other, names in self.options.items() if name in names)
            if elsewhere:
                return f"{unknown}; it has {' and '.join(f'{other}.{name}' for other in elsewhere)}"
            return None if section in self.partly else unknown
        nearest = closest(section, self.options)
        if nearest and name in self.options[nearest]:
            return f"{unknown}; did you mean {nearest}.{name}?"
        return None


@cache
def option_names() -> OptionNames:
    """Return the list that is part of the project."""
    content = json.loads(FILE.read_text(encoding="utf-8"))
    return OptionNames(
        airflow=content["airflow"],
        generated=content["generated"],
        options={section: frozenset(names) for section, names in content["options"].items()},
        open=frozenset(content["open"]),
        partly=frozenset(content["partly"]),
        renamed=content["renamed"],
        removed=frozenset(content["removed"]),
    )


def names_text(known: Mapping[str, Any]) -> str:
    """Return the text of the list, one line for a section."""
    options = known["options"]
    has = {f"{section}.{name}" for section, names in options.items() for name in names}
    options = {section: json.dumps(sorted(name.lower() for name in names)) for section, names in options.items()}
    renamed = {old: json.dumps(new) for old, new in known["renamed"].items() if old not in has}
    removed = sorted({old for old in known["removed"] if old not in has})
    return (
        f'{{\n  "airflow": {json.dumps(known["airflow"])},\n  "generated": {json.dumps(known["generated"])},\n'
        f'  "options": {_lines(options)},\n  "open": {json.dumps(sorted(known["open"]))},\n'
        f'  "partly": {json.dumps(sorted(known["partly"]))},\n'
        f'  "renamed": {_lines(renamed)},\n  "removed": {json.dumps(removed)}\n}}\n'
    )


def _lines(entries: Mapping[str, str]) -> str:
    lines = ",\n".join(f"    {json.dumps(name)}: {value}" for name, value in sorted(entries.items()))
    return f"{{\n{lines}\n  }}"
