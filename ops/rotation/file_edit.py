"""One value in a YAML file changed, and nothing else: comments, order and spelling stay."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from ops.console.errors import OperationError
from ops.console.exit_codes import ExitCode


def with_value(text: str, location: Sequence[str], value: object) -> str:
    """Return the YAML `text` with the value at `location` set, as one short scalar or list.

    Sections that are missing are added. What comes out is read again and compared: it says the same but for this.

    Raises:
        OperationError: the text is written in a way in which the place can't be found.
    """
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    edited = _set(text, root, list(location), _flow(value)) if isinstance(root, yaml.MappingNode) else text
    if _parsed(edited) != _expected(yaml.safe_load(text), list(location), value):
        raise OperationError(
            f"The line of {'.'.join(location)} can't be edited safely in the way the file is written.",
            fix=f"set {'.'.join(location)} to {_flow(value)} by hand, then deploy",
            exit_code=ExitCode.MISTAKE,
        )
    return edited


def write(path: Path, text: str) -> None:
    """Replace a file's text in one step; who reads it meanwhile sees the old or the new one, never half of it."""
    target = path.resolve()
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", newline="", dir=target.parent, prefix=f".{target.name}.", delete=False
    ) as new:
        new.write(text)
    Path(new.name).chmod(target.stat().st_mode)
    os.replace(new.name, target)  # noqa: PTH105  # Path.replace says the same


def read(path: Path) -> str:
    """Return a file's text with its own line ends."""
    with path.open(encoding="utf-8", newline="") as file:
        return file.read()


def _set(text: str, mapping: yaml.MappingNode, location: list[str], value: str) -> str:
    key, *rest = location
    for key_node, node in mapping.value:
        if key_node.value != key:
            continue
        if rest and isinstance(node, yaml.MappingNode):
            return _set(text, node, rest, value)
        return text if rest else text[: node.start_mark.index] + value + text[node.end_mark.index :]
    return _add(text, mapping, location, value)


def _add(text: str, mapping: yaml.MappingNode, location: list[str], value: str) -> str:
    if mapping.flow_style:
        inner = "".join(f"{key}: {{" for key in location[:-1]) + f"{location[-1]}: {value}" + "}" * (len(location) - 1)
        head = text[: mapping.end_mark.index - 1].rstrip().rstrip(",")
        return f"{head}{', ' if mapping.value else ''}{inner}{text[mapping.end_mark.index - 1 :]}"
    column = mapping.start_mark.column
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = [" " * (column + 2 * depth) + f"{key}:" for depth, key in enumerate(location)]
    lines[-1] += f" {value}"
    end = _end_of_line(text, mapping)
    head = text[:end]
    return head + ("" if head.endswith(newline) else newline) + newline.join(lines) + newline + text[end:]


def _end_of_line(text: str, mapping: yaml.MappingNode) -> int:
    """Index after the last line of the mapping's last value, its comment included."""
    node: yaml.Node = mapping
    while isinstance(node, (yaml.MappingNode, yaml.SequenceNode)) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    index = node.end_mark.index
    if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
        return index if text[:index].endswith("\n") else text.rfind("\n", 0, index) + 1
    found = text.find("\n", index)
    return len(text) if found < 0 else found + 1


def _flow(value: object) -> str:
    return yaml.safe_dump(value, default_flow_style=True).removesuffix("\n").removesuffix("\n...")


def _parsed(text: str) -> object:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return None


def _expected(content: Any, location: list[str], value: object) -> Any:
    if not location:
        return value
    known = content if isinstance(content, dict) else {}
    return {**known, location[0]: _expected(known.get(location[0]), location[1:], value)}
