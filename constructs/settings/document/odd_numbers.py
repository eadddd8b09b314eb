"""Numbers that YAML 1.1 reads in a way that nobody means: `010` is 8, `1:30` is 90."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from constructs.settings.document.problems import Problem, key_path, printable
from constructs.settings.document.text import Document, Location

_PLAIN = "a number in plain decimal digits: no leading zero, no 0x, no colon, no underscore"


def odd_numbers(document: Document) -> Iterator[Problem]:
    """Yield each of them as a mistake, with what it is read as."""
    for location, value in document.odd_numbers.items():
        received = f"{printable(document.spellings[location])} (YAML 1.1 reads it as {value})"
        fix = f"write {value}, if it is meant"
        yield Problem(document.file, document.line(location), key_path(location), received, _PLAIN, fix)


def odd_values(document: Document, text: Collection[Location]) -> Iterator[Problem]:
    """Yield each that is none of those that become text; not what it is, in a file in which that may be a secret."""
    received = "a number that YAML 1.1 reads as another one"
    fix = "write the number that you mean; put it in quotes if it is text"
    for location in document.odd_numbers:
        if location not in text:
            yield Problem(document.file, document.line(location), key_path(location), received, _PLAIN, fix)


def odd_text(document: Document, location: Location) -> str:
    """The sentence about one that becomes text, as it is written."""
    place = f"{document.file}:{document.line(location)}: {key_path(location)}"
    return (
        f"{place} is text here, and arrives as it is written; YAML 1.1 would read it as another number. Put it in "
        "quotes to say that it is meant"
    )
