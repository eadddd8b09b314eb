"""Terraform's templates as far as synthesized JSON uses them: literal text, its escapes, `${...}` and `%{...}`.

https://developer.hashicorp.com/terraform/language/expressions/strings: `$${` and `%%{` are the escapes. Written anew
for the tests, so that they don't ask the code under test what is right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from constructs.checks.synthesized import SynthesizedStack

#: The start of an expression or directive, or an escape and what it stands for.
_MARK = re.compile(r"(?:\$(?=\$\{)|%(?=%\{))(?P<escape>..)|(?P<kind>[$%])\{", re.DOTALL)
#: A name and what follows it: attributes, indexes, the parenthesis of a call.
_TRAVERSAL = re.compile(r"(?<![\w.\]])([A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*|\[[0-9]+\])*)(\s*\()?")
_LOOP = re.compile(r"\bfor\s+([A-Za-z_]\w*)(?:\s*,\s*([A-Za-z_]\w*))?\s+in\b")
_KEYWORDS = {"for", "in", "if", "else", "true", "false", "null"}
#: Arguments of checks, of ours alone, which may name the object that they stand in and the stack's folder.
_CHECKS = {"condition", "error_message"}
_OWN_OF_CHECKS = {"self", "path"}
#: Arguments of what is there once for each of several, which may name that one.
_OF_EACH = {"db_instance_identifier"}

#: Arguments that hold bare references instead of templates.
_REFERENCE_LISTS = {"depends_on", "replace_triggered_by"}


@dataclass(frozen=True)
class Piece:
    """A part of a template: literal text, or what stands between `${` or `%{` and `}`."""

    kind: str
    """`literal`, `$` or `%`."""

    text: str


def pieces(template: str) -> Iterator[Piece]:
    """The parts of a template, escapes undone in the literal ones.

    Raises:
        ValueError: an expression doesn't end.
    """
    literal, position = "", 0
    while mark := _MARK.search(template, position):
        literal += template[position : mark.start()]
        position = mark.end()
        if mark["escape"]:
            literal += mark["escape"]
            continue
        if literal:
            yield Piece("literal", literal)
        end = _end(template, position)
        yield Piece(mark["kind"], template[position:end])
        literal, position = "", end + 1
    literal += template[position:]
    if literal:
        yield Piece("literal", literal)


def _end(template: str, position: int) -> int:
    """The position of the brace that closes an expression; braces in quoted text don't count."""
    depth = 1
    while position < len(template):
        match template[position]:
            case '"':
                position = _end_of_text(template, position + 1)
            case "{":
                depth += 1
            case "}":
                depth -= 1
                if not depth:
                    return position
        position += 1
    raise ValueError(f"an expression without an end: {template}")


def _end_of_text(template: str, position: int) -> int:
    while position < len(template) and template[position] != '"':
        if template[position] == "\\":
            position += 1
        elif template.startswith("${", position):
            position = _end(template, position + 2)
        position += 1
    return position


def literal(template: str) -> str | None:
    """The text that Terraform makes of a template without expressions; None for one with any."""
    parts = list(pieces(template))
    return "".join(part.text for part in parts) if all(part.kind == "literal" for part in parts) else None


def _names(expression: str) -> Iterator[str]:
    """Everything that an expression refers to; functions, loop variables and keywords are none of it."""
    plain, position = "", 0
    inside: list[str] = []
    while position < len(expression):
        if expression[position] == '"':
            end = _end_of_text(expression, position + 1)
            for part in pieces(expression[position + 1 : end]):
                if part.kind != "literal":
                    inside += _names(part.text)
            plain += '""'
            position = end
        else:
            plain += expression[position]
        position += 1
    own = _KEYWORDS | {name for loop in _LOOP.findall(plain) for name in loop}
    outside = [name for name, call in _TRAVERSAL.findall(plain) if not call]
    yield from (name for name in [*inside, *outside] if name.partition(".")[0] not in own)


def unresolved(stack: SynthesizedStack) -> list[str]:
    """What is wrong with the stack's expressions: references to what it doesn't declare, and directives."""
    declared = set(stack.addresses)
    document = {key: value for key, value in stack.document.items() if key not in {"//", "terraform"}}
    wrong = []
    for key, text in _texts(document):
        own = _OWN_OF_CHECKS if key in _CHECKS else {"each"} if key in _OF_EACH else set()
        for part in [Piece("$", text)] if key in _REFERENCE_LISTS else pieces(text):
            if part.kind == "%":
                wrong.append(f"%{{{part.text}}}")
            elif part.kind == "$":
                names = [name for name in _names(part.text) if name.partition(".")[0] not in own]
                wrong += [f"${{{name}}}" for name in names if not _is_declared(name, declared)]
    return wrong


def _texts(value: Any, argument: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a document, keys included, with the argument that it is a value of; none for a key."""
    if isinstance(value, str):
        yield argument, value
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, argument)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield "", key
            if key != "ignore_changes":
                yield from _texts(inner, key)


def _is_declared(name: str, declared: set[str]) -> bool:
    """`aws_vpc.cluster.id` if `aws_vpc.cluster` is there, and an attribute of it at that."""
    parts = re.sub(r"\[[0-9]+\]", "", name).split(".")
    length = 3 if parts[0] in {"data", "ephemeral"} else 2
    return ".".join(parts[:length]) in declared
