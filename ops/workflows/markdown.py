"""Text from plans, in GitHub's Markdown: whatever is in a name, it stays text."""

from __future__ import annotations

import re
from collections.abc import Iterable

#: GitHub refuses a comment or an issue of more than 65,536 characters. Counted here in bytes of UTF-8, the strictest
#: reading of it, with room for what GitHub itself may add.
LIMIT = 65_000

_PUNCTUATION = re.compile(r"([\\`*_{}\[\]()#+\-.!|~>:@&])")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def size(text: str) -> int:
    """How much of `LIMIT` a text takes."""
    return len(text.encode("utf-8", "replace"))


def one_line(text: str) -> str:
    """Line ends, other control characters and marks of direction made visible."""
    return _UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def code(text: str) -> str:
    """Text as code in a line; not for tables, where a pipe would end the cell."""
    line = one_line(text)
    fence = "`" * (_longest_run(line) + 1)
    padding = " " if line.startswith(("`", " ")) or line.endswith(("`", " ")) or not line else ""
    return f"{fence}{padding}{line}{padding}{fence}"


def plain(text: str) -> str:
    """Text as it is, for a line, a cell of a table, or a summary: no character of it means anything to GitHub."""
    escaped = _PUNCTUATION.sub(r"\\\1", one_line(text)).replace("<", "&lt;")
    return escaped.replace("\\@", "@<!-- -->").replace("\\#", "#<!-- -->")


def block(lines: Iterable[str], language: str = "") -> str:
    """A fenced block, its fence longer than any inside."""
    content = "\n".join(lines)
    fence = "`" * max(3, _longest_run(content) + 1)
    return f"{fence}{language}\n{content}\n{fence}"


def folded(summary: str, body: str) -> str:
    """`body` behind a line that opens it; `summary` is Markdown-free text."""
    title = one_line(summary).replace("&", "&amp;").replace("<", "&lt;")
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"


def cut(text: str, longest: int) -> str:
    """At most `longest` characters of it."""
    return text if len(text) <= longest else f"{text[: longest - 3]}..."


def _longest_run(text: str) -> int:
    return max(map(len, re.findall(r"`+", text)), default=0)
