"""Numbers that YAML 1.1 reads in a way that nobody means: `010` is 8, `1:30` is 90."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator

from constructs.settings.document.problems import Problem, key_path, printable
from constructs.settings.document.text import Document, Location

_ALLOWED = "a number in plain decimal digits: no leading zero, no 0x, no colon, no underscore"


def odd_numbers(
    document: Document, left_out: Collection[Location] = (), *, may_be_text: bool = False
) -> Iterator[Problem]:
    """Yield each of them as a mistake, but for the places that are left out; `may_be_text`: quotes are a way out."""
    for location, value in document.odd_numbers.items():
        if location not in left_out:
            meant = f"write {value}, if it is meant" if _is_finite(value) else "write a number"
            yield Problem(
                document.file,
                document.line(location),
                key_path(location),
                f"{printable(document.spellings[location])} (YAML 1.1 reads it as {value})",
                _ALLOWED,
                f"{meant}; in quotes if it is text" if may_be_text else meant,
            )


def _is_finite(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def taken_as_written(document: Document, location: Location) -> str:
    """The sentence about one that stands where it is text, and arrives as it is written."""
    spelled, value = printable(document.spellings[location]), document.odd_numbers[location]
    place = f"{document.file}:{document.line(location)}: {key_path(location)}"
    return (
        f"{place}: {spelled} is text here, and arrives as it is written; YAML 1.1 would read it as {value}. Put it in "
        "quotes to say that it is meant"
    )
