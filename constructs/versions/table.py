"""The table of versions, table.toml, as objects. Its form is that of table.schema.json, which tests and tools check."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

FILE = Path(__file__).with_name("table.toml")
SCHEMA = FILE.with_name("table.schema.json")

Severity = Literal["critical", "high", "medium", "low", "unknown"]
#: Faults that are warned of; CVSS's words, and `high` for what a project calls important.
SEVERE = frozenset({"critical", "high"})


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where facts come from."""

    address: str
    read_from: str
    """By what the address was read: a copy, a package, an archive."""

    as_of: date
    """The day that they are known of."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """Versions that are supported together: 3.3 for 3.3.0 to 3.3.2."""

    line: str
    released: date | None = None
    standard_until: date | None = None
    """The last day of support; None: not said yet, it has it."""

    extended_until: date | None = None
    """The last day of support that costs extra; with AWS nothing new is made of it afterwards."""

    oldest: str | None = None
    """The oldest version of the line that AWS still makes."""

    newest: str | None = None


@dataclass(frozen=True, kw_only=True)
class Need:
    """What another part has to be, for this one to run with it."""

    part: str
    why: str
    source: str
    of: str | None = None
    """The line of the asking part that has the need; None: every one."""

    at_least: str | None = None
    """Older ones don't fit."""

    below: str | None = None
    """This one and newer ones don't fit."""

    tried_to: str | None = None
    """Newer ones were not tried."""


@dataclass(frozen=True, kw_only=True)
class Image:
    """What the official image of a version has in it."""

    version: str
    source: str
    brings: Mapping[str, str]
    """The version of each part, by its key."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A known fault in the sense of security."""

    id: str
    severity: Severity
    fixed: tuple[str, ...]
    """The first version without it; of each line where several lines got the fix."""

    says: str
    as_of: date
    since: str | None = None

    @property
    def is_severe(self) -> bool:
        """Whether it is warned of."""
        return self.severity in SEVERE


@dataclass(frozen=True, kw_only=True)
class Part:
    """Something that has a version."""

    key: str
    name: str
    how: str
    """What was done with the versions that are tested."""

    source: str
    caution: str = ""
    """What to do with a version that is newer than what is known."""

    tested: tuple[str, ...] = ()
    """The newest first: it is the one that is advised."""

    lines: tuple[Line, ...] = ()
    """The newest first."""

    setting: str = ""
    """The key of the environment file that chooses it."""

    hosted: str = ""
    """The service of AWS that makes it, whose extended support costs extra and which makes nothing new of old ones."""

    one_line_at_a_time: bool = False
    """Whether an upgrade leaves out no line."""

    package: str = ""
    """The Python package that it is."""

    images: tuple[Image, ...] = ()
    """The newest first."""

    needs: tuple[Need, ...] = ()
    faults: tuple[Fault, ...] = ()

    def line_of(self, version: str) -> Line | None:
        """The line that a version belongs to; None where the table has none."""
        return next((line for line in self.lines if within(version, line.line)), None)

    @property
    def newest(self) -> str:
        """The newest version that the table knows; of a part without minor versions its newest line."""
        return max((line.newest or line.line for line in self.lines), key=order)


@dataclass(frozen=True, kw_only=True)
class Table:
    """All of it."""

    sources: Mapping[str, Source]
    parts: Mapping[str, Part]


def order(version: str) -> tuple[int, ...]:
    """What versions are compared by: their numbers."""
    return tuple(int(number) for number in version.split("."))


def within(version: str, line: str) -> bool:
    """Whether a version is the line itself or one of it: 17.6 is of 17, 17 is too, 170 isn't."""
    return version == line or version.startswith(f"{line}.")


@cache
def table() -> Table:
    """Return the table; read once."""
    return parsed(FILE.read_text(encoding="utf-8"))


def parsed(text: str) -> Table:
    """Return the table that a text in the schema's form holds."""
    document = tomllib.loads(text)
    return Table(
        sources={key: Source(**source) for key, source in document["sources"].items()},
        parts={key: _part(key, values) for key, values in document["parts"].items()},
    )


def _part(key: str, values: Mapping[str, Any]) -> Part:
    inside = {
        "tested": tuple(values.get("tested", ())),
        "lines": tuple(Line(**line) for line in values.get("lines", ())),
        "images": tuple(Image(**image) for image in values.get("images", ())),
        "needs": tuple(Need(**need) for need in values.get("needs", ())),
        "faults": tuple(Fault(**{**fault, "fixed": tuple(fault["fixed"])}) for fault in values.get("faults", ())),
    }
    return Part(key=key, **{**values, **inside})


def part(key: str) -> Part:
    """Return a part by its key in the table."""
    return table().parts[key]


def proven(key: str) -> str:
    """Return the newest version of a part that this project was tested with: its default."""
    return part(key).tested[0]
