"""Mistakes in an environment file, and the report of them that a person reads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

#: A report with more mistakes than this is cut: nobody reads on, and a file can hold thousands.
MOST_REPORTED = 50


@dataclass(frozen=True)
class Problem:
    """One mistake: where it is, what stands there, what may stand there, how to put it right."""

    file: str
    #: Counted from 1; `None` where the mistake is the file as a whole.
    line: int | None
    #: Key path such as `cluster.node_groups.default.min_size`; empty where there is none.
    key: str
    received: str
    allowed: str
    fix: str

    def __str__(self) -> str:
        """Return the mistake as four lines of the report."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        first = f"{place}: {self.key}" if self.key else place
        return f"{first}\n  received: {self.received}\n  allowed: {self.allowed}\n  fix: {self.fix}"


class EnvironmentFileError(Exception):
    """An environment file that cannot be used; its text is the complete report of all mistakes, in plain words."""

    def __init__(self, problems: Sequence[Problem], *, page: str = "") -> None:
        """Take all mistakes found, at least one, and the document that describes what may stand there."""
        super().__init__(problems)
        self.problems = list(problems)
        self.page = page

    def __str__(self) -> str:
        """Return the report: a headline with the number of mistakes, then each of them."""
        count = len(self.problems)
        headline = f"{self.problems[0].file}: {count} mistake{'s' if count > 1 else ''}"
        paragraphs = [headline, *map(str, self.problems[:MOST_REPORTED])]
        if count > MOST_REPORTED:
            paragraphs.append(f"... and {count - MOST_REPORTED} more")
        if self.page:
            paragraphs.append(f"What may stand there: {self.page}")
        return "\n\n".join(paragraphs)


def shown(path: Path) -> str:
    """Return a path as people type it: relative to the working directory where it lies below that."""
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def key_path(location: Sequence[str | int]) -> str:
    """Return the place of a value as text: `cluster.administrators[0]`, `tags["a.b"]`."""
    path = ""
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        elif re.fullmatch(r"[\w-]+", part):
            path += f".{printable(part)}" if path else printable(part)
        else:
            path += f"[{printable(part, quoted=True)}]"
    return path


def kind_of(value: object) -> str:
    """Return what a value of YAML is, not what it says: for files in which it may be a secret."""
    if isinstance(value, bool):
        return "true or false"
    kinds = {str: "text", int: "a number", float: "a number", dict: "a map", list: "a list", type(None): "nothing"}
    return kinds.get(type(value), "a value")


def printable(text: str, *, quoted: bool = False, longest: int = 100) -> str:
    """Return text for a report: on one line, without control characters, cut where it is long."""
    cut = text if len(text) <= longest else f"{text[: longest - 3]}..."
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in cut)
    return f'"{safe}"' if quoted else safe
