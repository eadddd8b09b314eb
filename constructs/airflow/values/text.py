"""The chart's values as text for Terraform: the same text for the same values, and no template but the stack's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from constructs.settings.values.terraform_text import terraform_literal


class Expression(str):
    """Text with an expression that Terraform is to evaluate; all other text of the values is left as it is."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """Writes text of several lines as people write it."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _text)


def values_text(values: Mapping[str, Any]) -> str:
    """Return values as YAML for a `helm_release`, in which Terraform evaluates what is an `Expression`, nothing else.

    Raises:
        ValueError: YAML would have to quote an expression, which Terraform would then not understand.
    """
    text = yaml.dump(_literal(values), Dumper=_Dumper, sort_keys=True, width=2**31, allow_unicode=True)
    for expression in _expressions(values):
        if expression not in text:
            raise ValueError(f"no plain text in YAML: {expression}")
    return text


def _literal(value: object) -> object:
    """The value with its text escaped; a map's names, too."""
    if isinstance(value, Mapping):
        return {terraform_literal(str(name)): _literal(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_literal(inner) for inner in value]
    if isinstance(value, Expression):
        return str(value)
    return terraform_literal(value) if isinstance(value, str) else value


def _expressions(value: object) -> Iterator[Expression]:
    if isinstance(value, Expression):
        yield value
    elif isinstance(value, Mapping | list | tuple):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _expressions(inner)
