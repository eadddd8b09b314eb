"""Looks for secrets in texts: known values in every form in which they may have got there, and what looks like one."""

from __future__ import annotations

import base64
import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise
from urllib.parse import quote, quote_plus

#: Shorter ones are found everywhere by chance.
SHORTEST_VALUE = 8

#: What is a secret by its shape, whatever it is for.
SHAPES = {
    "private key": re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"),
    "AWS access key": re.compile(r"(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])"),
    "JSON web token": re.compile(r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"),
    "password in a URL": re.compile(r"\b\w[\w+.-]*://[^/\s:@\"{]+:(?!\$\{)[^/\s:@\"]{4,}@"),
}

#: Letters, digits and what Base64 adds, in one piece: as long as our shortest secret.
WORD = re.compile(r"[A-Za-z0-9+_=-]{24,}")
#: Bits per character. Random letters and digits of 24 characters have 4.2 on average; names and ARNs stay below.
ENTROPY = 3.9


def forms(value: str) -> dict[str, str]:
    """How a value may be written: text -> name of the form; forms that give the same text count once."""
    encoded = value.encode()
    # Base64 of a longer text that holds the value depends on where the value starts, in one of three ways; what is
    # left of it in each is what its neighbours don't reach.
    shifted = {f"base64, shifted by {n}": _inner_base64(encoded, n) for n in range(3)}
    written = {
        **shifted,
        "backwards": value[::-1],
        "hexadecimal": encoded.hex(),
        "URL-safe base64": base64.urlsafe_b64encode(encoded).decode().rstrip("="),
        "base64": base64.b64encode(encoded).decode().rstrip("="),
        "JSON-escaped": json.dumps(value)[1:-1],
        "form-encoded": quote_plus(value),
        "URL-encoded": quote(value, safe=""),
        "as it is": value,
    }
    return {text: form for form, text in written.items()}


def _inner_base64(encoded: bytes, shift: int) -> str:
    """The part of Base64 that a value has in every longer text in which it starts `shift` bytes after a group."""
    whole = base64.b64encode(b"\0" * shift + encoded).decode()
    first = (shift * 8 + 5) // 6
    last = (shift + len(encoded)) * 8 // 6
    return whole[first:last]


def leaks(values: Mapping[str, str], texts: Mapping[str, str]) -> list[str]:
    """Where a secret is found: one line for each name of `values`, name of `texts` and form. Never the value itself.

    Raises:
        ValueError: there is nothing to look for or to look in, or a value is too short to be told from chance.
    """
    if not values or not texts or not all(texts.values()):
        raise ValueError("No values to look for, or no text to look in: nothing would be proven.")
    if short := [name for name, value in values.items() if len(value) < SHORTEST_VALUE]:
        raise ValueError(f"Too short to look for: {', '.join(short)}")
    return [
        f"{place} holds {name}, {form}"
        for name, value in values.items()
        for written, form in forms(value).items()
        for place, text in texts.items()
        if written in text
    ]


def looks_secret(text: str) -> list[str]:
    """What looks like a secret: a known shape, or a word of random letters and digits. The first characters of each."""
    shapes = [f"{kind}: {match[0][:12]}..." for kind, shape in SHAPES.items() for match in shape.finditer(text)]
    return [*shapes, *(f"random text: {word[:6]}..." for word in _random_words(text))]


def _random_words(text: str) -> Iterator[str]:
    for word in WORD.findall(text):
        if entropy(word) >= ENTROPY and _mixes(word):
            yield word


def _mixes(word: str) -> bool:
    """Whether letters of both cases and digits stand among each other, as in no name that people write."""
    changes = sum(_kind(one) != _kind(two) for one, two in pairwise(word))
    return len({_kind(character) for character in word} & {"A", "a", "0"}) == 3 and changes * 3 >= len(word)


def _kind(character: str) -> str:
    if character.isdigit():
        return "0"
    if character.isalpha():
        return "A" if character.isupper() else "a"
    return "-"


def entropy(word: str) -> float:
    """Bits per character, after how often each occurs in the word."""
    shares = [count / len(word) for count in Counter(word).values()]
    return -sum(share * math.log2(share) for share in shares)
