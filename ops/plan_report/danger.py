"""A danger of one change: of what kind, what it is, with before and after."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

UNKNOWN = "(known after apply)"
SENSITIVE = "(sensitive)"
NONE = "(none)"


class Kind(StrEnum):
    """What a change does, the worst first."""

    LOSES = "loses"
    """Data goes that nothing brings back."""

    OPENS = "opens"
    """More people, addresses or programs may reach or do something."""

    WEAKENS = "weakens"
    """What protects, keeps, watches or stands by becomes less."""

    INTERRUPTS = "interrupts"
    """What works now stops, restarts or moves."""


@dataclass(frozen=True, kw_only=True)
class Danger:
    """One thing that a change does and a reviewer would stop at."""

    kind: Kind
    what: str
    """In words, without the values."""

    before: str = ""
    after: str = ""
    """Both empty where the words say all."""

    def __str__(self) -> str:
        """One line: the words, and before and after where they say more."""
        return f"{self.what}: {self.before} -> {self.after}" if self.before or self.after else self.what


def danger(kind: Kind, what: str, before: Any, after: Any) -> Danger:
    """Return the danger with both values as text."""
    return Danger(kind=kind, what=what, before=shown(before), after=shown(after))


def shown(value: Any) -> str:
    """A value of Terraform's as text in a line."""
    if value in (None, "", [], {}):
        return NONE
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
