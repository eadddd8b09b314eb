"""What a report remembers for the next one, and what has changed between two."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from ops.console.errors import NotFoundError, OperationError
from ops.console.exit_codes import ExitCode

#: `id` of the element that holds them.
ELEMENT = "facts"
#: Of what is remembered; a report of another format is not compared.
FORMAT = 1
#: Part -> what one of it is called.
PARTS = {"versions": "version", "resources": "resource", "outputs": "output"}


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is compared: of each part name -> value, None where it could not be read."""

    environment: str
    made: str
    """The day, `2026-11-30`."""

    versions: Mapping[str, str] | None
    resources: Mapping[str, str] | None
    """`infrastructure: aws_vpc.cluster` -> ID in AWS, or why there is none."""

    outputs: Mapping[str, str] | None

    def document(self) -> dict[str, Any]:
        """For JSON."""
        return {"format": FORMAT, **vars(self)}


@dataclass(frozen=True, kw_only=True)
class Change:
    """One difference between two reports."""

    part: str
    name: str
    was: str = ""
    now: str = ""

    @property
    def what(self) -> str:
        """`added`, `removed` or `changed`."""
        if not self.was:
            return "added"
        return "changed" if self.now else "removed"


def changes(before: Facts, after: Facts) -> list[Change]:
    """Return what has changed, by part and name; a part that one of the two could not read is left out."""
    return [change for part in PARTS for change in _of_part(part, getattr(before, part), getattr(after, part))]


def _of_part(part: str, before: Mapping[str, str] | None, after: Mapping[str, str] | None) -> Iterator[Change]:
    if before is None or after is None:
        return
    for name in sorted({*before, *after}):
        was, now = before.get(name, ""), after.get(name, "")
        if was != now:
            yield Change(part=PARTS[part], name=name, was=was, now=now)


def not_compared(before: Facts, after: Facts) -> Sequence[str]:
    """Return the parts that one of two reports could not read."""
    return [part for part in PARTS if getattr(before, part) is None or getattr(after, part) is None]


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self._inside = False
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag == "script" and dict(attrs).get("id") == ELEMENT

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.text += data

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "script"


def read_facts(file: Path) -> Facts:
    """Return what a report remembers.

    Raises:
        NotFoundError: there is no such file.
        OperationError: it is no report, or one of another version of this project.
    """
    try:
        page = _Page()
        page.feed(file.read_text(encoding="utf-8"))
        content = json.loads(page.text)
        if content.pop("format") != FORMAT:
            raise OperationError(
                f"{file} was made by another version of this project: its facts have another format.",
                fix="make the first report of this version without it: another --output, no --since",
                exit_code=ExitCode.MISTAKE,
            )
        return Facts(**content)
    except FileNotFoundError as missing:
        raise NotFoundError(
            f"There is no report {file}.", fix="correct --since", exit_code=ExitCode.MISTAKE
        ) from missing
    except OSError as refused:
        raise OperationError(f"{file} can't be read: {refused}", exit_code=ExitCode.MISTAKE) from refused
    except (ValueError, TypeError, KeyError, AttributeError) as other:
        raise OperationError(
            f"{file} is no report of `python -m ops report`.",
            fix="name one, or with --output another place for the new one",
            exit_code=ExitCode.MISTAKE,
        ) from other
