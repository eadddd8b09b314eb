"""What a comment says of a plan that failed: which errors, and where; not what stood around them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

#: The heading of one of Terraform's errors, and where it arose; a frame is drawn where colours are on.
_SAID = re.compile(r"^[│|]?\s*(Error: .+|with \S+,|on \S+ line \d[^:]*):?$")
_HEADING = re.compile(r"^[│|╷]?\s*(?:Error|Warning): ")
#: Errors whose text is a sentence of the configuration's, which is ours: it names settings and how to mend them.
_OURS = re.compile(r"^[│|]?\s*Error: (?:Resource (?:pre|post)condition|Check block assertion) failed")
#: A line of such a sentence: Terraform indents what it quotes.
_SENTENCE = re.compile(r"^(?:[│|] ?)?(?![│|╵ ])(\S.*)$")
IN_THE_LOG = "All that was said is in the log of the job."


def told_to_all(message: str) -> str:
    """Return of an error's text its first line, and of each error of Terraform's below it heading and place.

    What else stands there may quote the configuration and what a provider was answered; a precondition of ours is told
    in its own words, whole. Where anything was left out, the last line says where it is.
    """
    first, *rest = message.splitlines() or [""]
    kept = list(_told(rest))
    whole = len(kept) == len([line for line in rest if line.strip()])
    return "\n".join([first, *kept] if whole else [first, *kept, IN_THE_LOG])


def cause(told: str) -> str:
    """The first error of what is told, for one line; the first line where there is none."""
    lines = told.splitlines() or [""]
    return next((line.removeprefix("Error: ") for line in lines if line.startswith("Error: ")), lines[0])


def _told(lines: Sequence[str]) -> Iterator[str]:
    """Headings and places, or the sentence of a precondition as one line instead of both."""
    for number, line in enumerate(lines):
        if not _HEADING.match(line):
            continue
        end = next((n for n in range(number + 1, len(lines)) if _HEADING.match(lines[n])), len(lines))
        block = lines[number:end]
        if _OURS.match(line) and (sentence := _sentence(block[1:])):
            yield f"Error: {sentence}"
        else:
            yield from (found[1].rstrip(",") for each in block if (found := _SAID.match(each.rstrip())))


def _sentence(block: Sequence[str]) -> str:
    """What is not indented: Terraform breaks it at the 78th column."""
    return " ".join(found[1].strip() for each in block if (found := _SENTENCE.match(each.rstrip())))
