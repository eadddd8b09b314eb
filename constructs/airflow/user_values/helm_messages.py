"""Helm's words without the user's values, which it quotes: among them may be a secret."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

_WORD = re.compile(r"[\w/.-]+")
_LITERAL = re.compile(r"[\"'`]([^\"'`]+)[\"'`]")
#: Files of the chart, and Helm's name for a template that is a value.
_TEMPLATE = re.compile(r"[\w-]+/templates/[\w./-]+|gotpl")
_LEFT_OUT = "..."
#: Shorter texts are too many words of Helm's.
_SHORTEST = 4


def without_values(message: str, values: object) -> str:
    """Return a message of Helm's on one line: templates and places are named, texts of `values` are left out."""
    # Go writes a quotation mark inside of quotes with a backslash (`%q`).
    parts = " ".join(message.split()).replace('\\"', "'").split('"')
    parts[1::2] = [part if _TEMPLATE.fullmatch(part) else _LEFT_OUT for part in parts[1::2]]
    line, texts = '"'.join(parts), set(_texts(values))
    for text in sorted(texts, key=len, reverse=True):
        if not _WORD.fullmatch(text):
            line = line.replace(text, _LEFT_OUT)
    return _WORD.sub(lambda word: _LEFT_OUT if word[0] in texts else word[0], line)


def _texts(value: object) -> Iterator[str]:
    """Every scalar, each of its lines and what is in quotes in it."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif value is not None and not isinstance(value, bool):
        whole = str(value)
        parts = (" ".join(whole.split()), *whole.splitlines(), *_LITERAL.findall(whole))
        yield from (part.strip() for part in parts if len(part.strip()) >= _SHORTEST)
