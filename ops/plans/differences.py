"""How a resource differs before and after, one line per attribute, without what Terraform calls sensitive."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

#: Characters of a value; policies and Helm values are longer than anybody reads in a comment.
LONGEST_VALUE = 160

SENSITIVE = "(sensitive)"
UNKNOWN = "(known after apply)"
NONE = "(none)"


def differences(change: Mapping[str, Any]) -> tuple[str, ...]:
    """Return `attribute: before -> after` for the `change` of a resource as `terraform show -json` has it."""
    return tuple(
        _lines(
            (),
            (change.get("before"), change.get("after")),
            (change.get("before_sensitive"), change.get("after_sensitive")),
            change.get("after_unknown"),
        )
    )


def _lines(path: tuple[str, ...], values: tuple[Any, Any], sensitive: tuple[Any, Any], unknown: Any) -> Iterator[str]:
    before, after = values
    if True in sensitive:
        if unknown is True or before != after:
            yield f"{'.'.join(path)}: {SENSITIVE} -> {SENSITIVE}"
    elif unknown is True:
        yield f"{'.'.join(path)}: {_shown(before)} -> {UNKNOWN}"
    elif _nested(before, after):
        for key in _keys(before, after, unknown):
            inner = tuple(_part(value, key) for value in values)
            marks = tuple(_part(mark, key) for mark in sensitive)
            yield from _lines((*path, str(key)), (inner[0], inner[1]), (marks[0], marks[1]), _part(unknown, key))
    elif _differ(before, after) or _holds(unknown):
        hidden = [SENSITIVE if _holds(mark) else None for mark in sensitive]
        shown = [mark or _shown(value) for mark, value in zip(hidden, values, strict=True)]
        yield f"{'.'.join(path)}: {shown[0]} -> {UNKNOWN if _holds(unknown) else shown[1]}"


def _differ(before: Any, after: Any) -> bool:
    """Whether they differ in more than how a provider writes nothing."""
    return before != after and not (after is None and not before) and not (before is None and after in ([], {}, ""))


def _nested(before: Any, after: Any) -> bool:
    """Whether both are maps, or lists of as many maps: then what differs is inside."""
    if isinstance(before, dict) and isinstance(after, dict):
        return True
    both_lists = isinstance(before, list) and isinstance(after, list)
    return both_lists and len(before) == len(after) and all(isinstance(item, dict) for item in [*before, *after])


def _keys(before: Any, after: Any, unknown: Any) -> Sequence[str | int]:
    if isinstance(before, list):
        return range(len(before))
    return sorted({*before, *after, *(unknown if isinstance(unknown, dict) else ())})


def _part(value: Any, key: str | int) -> Any:
    """What stands at a key, of values and of marks; a mark on the whole counts for its parts."""
    if value is True:
        return True
    if isinstance(value, dict):
        return value.get(str(key))
    if isinstance(value, list) and isinstance(key, int) and key < len(value):
        return value[key]
    return None


def _holds(mark: Any) -> bool:
    """Whether anything inside is marked."""
    if isinstance(mark, dict):
        return any(map(_holds, mark.values()))
    if isinstance(mark, list):
        return any(map(_holds, mark))
    return mark is True


def _shown(value: Any) -> str:
    if value is None:
        return NONE
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}... ({len(text):,} characters)"
