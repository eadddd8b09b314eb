"""What a key of the environment file takes, in words: by its type, and by what the type says of a wrong value."""

from __future__ import annotations

import inspect
import types
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from constructs.settings.values.section import Section
from constructs.settings.values.shapes import MISTAKE, Count
from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

#: Fits nothing.
_WRONG = object()


@dataclass(frozen=True, kw_only=True)
class Inner:
    """The section that stands below a key."""

    model: type[Section]
    named: bool
    """Whether there are several, each below a name of one's own."""


def section_in(field: FieldInfo) -> Inner | None:
    """The section below a key; None where it has a plain value, or several of them."""
    return _section(field.annotation, named=False)


def _section(annotation: Any, *, named: bool) -> Inner | None:
    if inspect.isclass(annotation) and issubclass(annotation, Section):
        return Inner(model=annotation, named=named)
    named = named or get_origin(annotation) is Mapping
    return next(filter(None, (_section(part, named=named) for part in get_args(annotation))), None)


def allowed_in_words(field: FieldInfo) -> str:
    """What a key takes: the kind of value, and the rule in the words of the report on mistakes.

    Raises:
        ValueError: the type has no words of its own for a wrong value.
    """
    words = _words(field.annotation, tuple(field.metadata))
    may_be_null = type(None) in get_args(field.annotation)
    return f"{words}, or null" if may_be_null and not field.is_required() and field.default is not None else words


def _words(annotation: Any, rules: tuple[Any, ...] = ()) -> str:
    if said := _said_of_a_wrong_value(annotation, rules):
        return said if _is_number(annotation) else f"text: {said}"
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        return _words(inner, (*more, *rules))
    if get_origin(annotation) in (Union, types.UnionType):
        return " or ".join(_words(part, rules) for part in get_args(annotation) if part is not type(None))
    return _choice(annotation) or _entries(annotation, rules)


def _choice(annotation: Any) -> str | None:
    """The words for a few values that are written out; None for another type."""
    if annotation is bool:
        return "`true` or `false`"
    if get_origin(annotation) is Literal:
        return f"one of {', '.join(f'`{choice}`' for choice in get_args(annotation))}"
    return None


def _entries(annotation: Any, rules: tuple[Any, ...]) -> str:
    """The words for a map or a list."""
    if inspect.isclass(annotation) and issubclass(annotation, Section):
        return "map"
    number = next(
        (f"{rule.lowest} to {rule.highest} {rule.of}" for rule in rules if isinstance(rule, Count)), "entries"
    )
    parts = get_args(annotation)
    if get_origin(annotation) is tuple:
        return f"list of {number}, each {_words(parts[0])}"
    if get_origin(annotation) is Mapping:
        return f"map of {number}; name: {_plain(parts[0])}; value: {_plain(parts[1])}"
    message = f"{annotation} with {rules} has no words for a wrong value"
    raise ValueError(message)


def _plain(annotation: Any) -> str:
    return _words(annotation).removeprefix("text: ")


def _is_number(annotation: Any) -> bool:
    parts = get_args(annotation)
    return annotation is int or any(_is_number(part) for part in parts if inspect.isclass(part) or get_args(part))


def _said_of_a_wrong_value(annotation: Any, rules: tuple[Any, ...]) -> str | None:
    """The rule of a type that refuses in words of its own; None where pydantic's or those of entries say it."""
    kind: Any = Annotated[(annotation, *rules)] if rules else annotation
    if inspect.isclass(annotation) and issubclass(annotation, Section):
        return None
    try:
        TypeAdapter(kind).validate_python(_WRONG, strict=True)
    except ValidationError as refused:
        (first, *_) = refused.errors(include_url=False)
        return str(first["ctx"]["allowed"]) if first["type"] == MISTAKE and not first["loc"] else None
    return None
