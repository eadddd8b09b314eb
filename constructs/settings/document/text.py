"""An environment file's text as plain values, with the line and the spelling of each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import yaml
from constructs.settings.document.problems import Problem, key_path, printable

#: The keys and list positions that lead to a value.
Location: TypeAlias = tuple[str | int, ...]

_TAG = "tag:yaml.org,2002:"
#: The YAML types that a value can have without being text; dates and the like stay the text they were written as.
_CONVERTED = {
    f"{_TAG}null": "nothing",
    f"{_TAG}bool": "true or false",
    f"{_TAG}int": "a number",
    f"{_TAG}float": "a number",
}
_NO_TEXT = {**_CONVERTED, f"{_TAG}merge": "a merge"}
#: What CDKTF calls its placeholders: in a user's text it would be taken for one, or for one that was not resolved.
PLACEHOLDER = "tftoken"
#: A number as people read it; YAML 1.1 has 010 for 8 and 1:30 for 90.
_PLAIN = {
    f"{_TAG}int": re.compile(r"[-+]?(?:0|[1-9][0-9]*)"),
    f"{_TAG}float": re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"),
}
#: What no file of Kubernetes', and no JSON, can hold as a character.
_NO_CHARACTER = re.compile(r"[\x00\ud800-\udfff]")
#: jsii refuses a map with it.
_OF_JAVASCRIPT = "__proto__"
#: Characters; Python refuses to print numbers of thousands of digits.
LONGEST_NUMBER = 40


@dataclass
class Document:
    """What a file says: its values, and for each of them the line it stands on and how it is spelled there."""

    file: str
    values: object = None
    lines: dict[Location, int] = field(default_factory=dict)
    spellings: dict[Location, str] = field(default_factory=dict)
    #: Places whose number is no plain one: octal, hexadecimal, of base 60, with underscores, none at all (.nan).
    odd_numbers: dict[Location, object] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def line(self, location: Sequence[str | int]) -> int | None:
        """Return the line of a value, or of the nearest map or list around it if it is missing itself."""
        for length in range(len(location), -1, -1):
            if tuple(location[:length]) in self.lines:
                return self.lines[tuple(location[:length])]
        return None

    def add_problem(self, node: yaml.Node, location: Location, received: str, allowed: str, fix: str) -> None:
        """Report a mistake on the line of a node."""
        line = node.start_mark.line + 1
        self.problems.append(Problem(self.file, line, key_path(location), received, allowed, fix))


def read_values(node: yaml.Node, file: str) -> Document:
    """Return the document under a YAML node; keys that are no text or stand twice are among its problems."""
    document = Document(file)
    document.lines[()] = 1
    document.values = _value(node, (), document)
    return document


def _value(node: yaml.Node, location: Location, document: Document) -> object:
    if isinstance(node, yaml.MappingNode):
        return _map(node, location, document)
    if isinstance(node, yaml.SequenceNode):
        values = []
        for position, entry in enumerate(node.value):
            place = (*location, position)
            document.lines[place] = entry.start_mark.line + 1
            values.append(_value(entry, place, document))
        return values
    return _scalar(node, location, document)


def _map(node: yaml.MappingNode, location: Location, document: Document) -> dict[str, object]:
    values: dict[str, object] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            received, allowed = "a list or a map as a key", "text as a key"
            fix = "if this was meant as a template, {{ ... }} means nothing here; write the value itself"
            document.add_problem(key_node, location, received, allowed, fix)
            continue
        key = key_node.value
        place = (*location, key)
        if place in document.lines:
            received = f"{printable(key, quoted=True)} a second time, first on line {document.lines[place]}"
            document.add_problem(key_node, place, received, "each key once in a map", "remove one of the two")
            continue
        document.lines[place] = key_node.start_mark.line + 1
        _refuse_unusable(key_node, place, document)
        if key == _OF_JAVASCRIPT:
            allowed = "any other name: this one means something to the JavaScript that writes the JSON"
            document.add_problem(key_node, place, f'"{key}" as a key', allowed, "remove it, or choose another name")
            continue
        if key_node.tag in _NO_TEXT:
            received = f"{printable(key)} as a key (YAML reads it as {_NO_TEXT[key_node.tag]})"
            document.add_problem(key_node, place, received, "text as a key", f'put it in quotes: "{printable(key)}"')
            continue
        values[key] = _value(value_node, place, document)
    return values


def _scalar(node: yaml.Node, location: Location, document: Document) -> object:
    if node.tag not in _CONVERTED:
        _refuse_unusable(node, location, document)
        return node.value
    document.spellings[location] = node.value
    converted = _converted(node)
    if node.tag in _PLAIN and not _PLAIN[node.tag].fullmatch(node.value):
        document.odd_numbers[location] = converted
    if converted is None and node.tag != f"{_TAG}null":
        received = "a very long one, or none (without quotes, YAML reads it as a number)"
        document.add_problem(node, location, received, "a number of a usual length", "put it in quotes if it is text")
    return converted


def _converted(node: yaml.Node) -> object:
    """The value that YAML reads, None for a number that is none or too long to be printed."""
    if len(node.value) > LONGEST_NUMBER:
        return None
    try:
        return yaml.constructor.SafeConstructor().construct_object(node)
    except ValueError:  # "0x_" fits YAML's grammar of numbers
        return None


def _refuse_unusable(node: yaml.Node, location: Location, document: Document) -> None:
    """Text that doesn't arrive as it is written: CDKTF's own words, and what only an escape can put into a file."""
    if no_character := _NO_CHARACTER.search(node.value):
        received = f"the escape for U+{ord(no_character[0]):04X}"
        allowed = "text of characters: neither U+0000 nor half of a pair (U+D800 to U+DFFF)"
        document.add_problem(node, location, received, allowed, "remove the escape, or write the character itself")
    if PLACEHOLDER in node.value.casefold():
        received, allowed = "text with that word", "text without the word TfToken, which CDKTF keeps"
        document.add_problem(node, location, received, allowed, "write it in another way")
