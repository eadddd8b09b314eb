"""Reading an environment file that may be anything: too large, no text, no YAML, or YAML that is meant to harm.

Anchors, aliases and tags are refused, not resolved: an environment file needs none, nested aliases expand without end
and tags name Python objects. The user's other YAML file, helm/values.yaml, is read in the same way.
"""

from __future__ import annotations

import re
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml
from constructs.settings.document.problems import EnvironmentFileError, Problem, printable, shown
from constructs.settings.document.text import Document, read_values

#: Bytes; a long environment file has 10 KiB, and this much YAML takes PyYAML about a second.
LARGEST = 64 * 1024
#: Maps and lists inside each other; the deepest legal place, a taint of a node group, is 5 deep.
DEEPEST = 20

_ESCAPE = re.compile(r"\\U([0-9A-Fa-f]{8})")
_CONTROL = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What a file should be, in the words of a report."""

    content: str = "the settings of an environment"
    start_from: str = "start from environments/dev.yaml"
    example: str = "environments/dev.yaml"
    examples: str = "check the path; environments/ holds examples"
    keys: str = "the keys of the schema"
    see: str = "see environments/schema.json"
    may_be_empty: bool = False


ENVIRONMENT_FILE = Expected()


def read_document(path: Path, expected: Expected = ENVIRONMENT_FILE) -> Document:
    """Return the values of a YAML file.

    Raises `EnvironmentFileError` where there are none to be had: no readable file, no UTF-8, no YAML, more than plain
    values. Lesser mistakes (duplicate keys, keys that are no text) are the document's `problems`.
    """
    file = shown(path)
    text = _text(path, file, expected)
    try:
        _refuse_more_than_values(text, file, expected)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(error, text, file) from error
    except (ValueError, OverflowError) as error:
        raise _beyond_python(error, text, file) from error
    if node is None or (isinstance(node, yaml.ScalarNode) and not node.value):
        if expected.may_be_empty:
            return Document(file, {}, {(): 1})
        raise _error(file, 1, "an empty file", expected.content, expected.start_from)
    if not isinstance(node, yaml.MappingNode):
        kind = "a list" if isinstance(node, yaml.SequenceNode) else "a single value"
        raise _error(file, 1, kind, "a map: lines of `key: value`", expected.start_from)
    return read_values(node, file)


def _error(file: str, line: int | None, received: str, allowed: str, fix: str) -> EnvironmentFileError:
    return EnvironmentFileError([Problem(file, line, "", received, allowed, fix)])


def _text(path: Path, file: str, expected: Expected) -> str:
    allowed = "a YAML file"
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise _error(file, None, "a folder", allowed, f"name a file, such as {expected.example}")
        if not stat.S_ISREG(status.st_mode):
            raise _error(file, None, "a device or pipe", allowed, "write it to a file first")
        with path.open("rb") as stream:
            content = stream.read(LARGEST + 1)
    except FileNotFoundError as error:
        raise _error(file, None, "no such file", allowed, expected.examples) from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise _error(file, None, f"a file that cannot be read: {reason}", allowed, "make it readable") from error
    if len(content) > LARGEST:
        size = f"{max(status.st_size, len(content)):,} bytes"
        raise _error(file, None, size, f"at most {LARGEST:,} bytes", "is this the right file?")
    return _decoded(content, file)


def _decoded(content: bytes, file: str) -> str:
    allowed, fix = "text in UTF-8", "save the file as UTF-8"
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _error(file, 1, "text in UTF-16", allowed, fix)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        received = f"the byte 0x{content[error.start]:02x}, which is no UTF-8"
        raise _error(file, line, received, allowed, fix) from error
    control = _CONTROL.search(text)
    if control:
        line = text.count("\n", 0, control.start()) + 1
        received = f"the control character U+{ord(control[0]):04X}"
        raise _error(file, line, received, "printable text", "remove the character")
    return text


def _refuse_more_than_values(text: str, file: str, expected: Expected) -> None:
    """Refuse what goes beyond one document of plain maps, lists and values; reads without recursion."""
    depth = documents = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            raise _error(
                file,
                line,
                "an alias: text that starts with *",
                "values written out",
                "write the value itself; put such text in quotes",
            )
        if isinstance(event, yaml.NodeEvent) and event.anchor:
            raise _error(
                file,
                line,
                "an anchor: text that starts with &",
                "values without anchors",
                "write the value out; put such text in quotes",
            )
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag:
            raise _error(
                file,
                line,
                "a tag: text that starts with !",
                "values without tags",
                "remove the tag; put text that starts with ! in quotes",
            )
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise _error(file, line, "a second document", "one document", "remove the line --- and what follows")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise _error(file, line, f"values nested more than {DEEPEST} deep", expected.keys, expected.see)


def _beyond_python(error: ValueError | OverflowError, text: str, file: str) -> EnvironmentFileError:
    """What PyYAML hands to Python unseen, and Python refuses without a place: the first escape beyond Unicode."""
    large = next((escape for escape in _ESCAPE.finditer(text) if int(escape[1], 16) > sys.maxunicode), None)
    if not large:
        return _error(file, None, f"no YAML: {printable(str(error))}", "YAML: lines of `key: value`", "remove it")
    return _error(
        file,
        text.count("\n", 0, large.start()) + 1,
        f"{large[0]} in text, a character that there is not",
        "escapes up to \\U0010FFFF, the last character of Unicode",
        "write the character itself, or the text in single quotes, in which a backslash is just that",
    )


def _syntax_error(error: yaml.MarkedYAMLError, text: str, file: str) -> EnvironmentFileError:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 1
    lines = text.splitlines()
    tabs = [number for number, content in enumerate(lines[:line], 1) if re.match(r" *\t", content)]
    if tabs or "'\\t'" in str(error.problem):
        return _error(
            file,
            (tabs or [line])[0],
            "a tab",
            "spaces: YAML has no tabs between or before keys and values",
            "replace every tab by spaces; most editors can do that",
        )
    # Elsewhere PyYAML shows one character; of a tag, which may be a secret without quotes, its start.
    received = f"no YAML: {re.sub(r' tag handle .*', ' tag', str(error.problem))}"
    if error.context and error.context_mark:
        received += f" ({error.context} that starts on line {error.context_mark.line + 1})"
    fix = "check this line and the one above: indentation, brackets, quotes, a colon inside text that has no quotes"
    return _error(file, line, received, "YAML: lines of `key: value`, indented by spaces", fix)
