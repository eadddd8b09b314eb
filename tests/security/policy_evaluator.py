"""Whether IAM allows a request, as far as the policies of this project go.

Known are Allow and Deny, wildcards, principals and the condition operators below. Whatever else a document holds is
refused with an error rather than guessed: an evaluator that overlooks a condition proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

Document = Mapping[str, Any]

_KNOWN_ELEMENTS = frozenset({"Sid", "Effect", "Action", "Resource", "Principal", "Condition"})


class UnsupportedPolicyError(Exception):
    """A policy holds something that this evaluator doesn't know."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What IAM is asked: may this action be taken on this resource, in this context."""

    action: str
    """`s3:GetObject`."""

    resource: str = "*"
    """ARN; `*` where the action knows no resource."""

    context: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    """Condition key -> value, several for keys such as aws:TagKeys; a key that isn't there is missing."""

    principal: Mapping[str, str] = field(default_factory=dict)
    """Who asks, `{"Service": "eks.amazonaws.com"}`: for policies that lie at the resource."""


def allows(documents: Sequence[Document], request: Request) -> bool:
    """Whether some statement allows the request and none denies it.

    Raises:
        UnsupportedPolicyError: a document holds an element or operator that isn't known here.
    """
    effects = {statement["Effect"] for statement in statements(documents) if applies(statement, request)}
    return effects == {"Allow"}


def statements(documents: Sequence[Document]) -> Iterator[Mapping[str, Any]]:
    """Every statement of the documents."""
    for document in documents:
        yield from _list(document["Statement"])


def applies(statement: Mapping[str, Any], request: Request) -> bool:
    """Whether a statement speaks of the request.

    Raises:
        UnsupportedPolicyError: see `allows`.
    """
    if unknown := set(statement) - _KNOWN_ELEMENTS:
        raise UnsupportedPolicyError(f"{sorted(unknown)} in {statement}")
    return (
        any(_matches(pattern.lower(), request.action.lower()) for pattern in _list(statement["Action"]))
        # The statement of a trust policy has no resource: it speaks of the role that it lies at.
        and any(_matches(pattern, request.resource) for pattern in _list(statement.get("Resource", "*")))
        and ("Principal" not in statement or _names(statement["Principal"], request.principal))
        and all(
            _holds(operator, key, _list(wanted), request.context)
            for operator, test in statement.get("Condition", {}).items()
            for key, wanted in test.items()
        )
    )


def _names(principals: Mapping[str, Any] | str, asking: Mapping[str, str]) -> bool:
    if principals == "*":
        return True
    if isinstance(principals, str):
        raise UnsupportedPolicyError(f"principal {principals}")
    return any(
        asked == wanted or (kind == "AWS" and wanted in {"*", _account_of(asked)})
        for kind, asked in asking.items()
        for wanted in _list(principals.get(kind, []))
    )


def _account_of(arn: str) -> str:
    """The principal that stands for the whole account of another one."""
    partition, account = arn.split(":")[1], arn.split(":")[4]
    return f"arn:{partition}:iam::{account}:root"


def _equals(wanted: str, given: str) -> bool:
    return wanted == given


def _same_text(wanted: str, given: str) -> bool:
    return wanted.lower() == given.lower()


def _matches(pattern: str, text: str) -> bool:
    if "${" in pattern:
        raise UnsupportedPolicyError(f"policy variable or unresolved reference in {pattern}")
    return _expression(pattern).fullmatch(text) is not None


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    """Compiled once: an environment's policies have more patterns than `re` itself remembers."""
    return re.compile("".join({"*": ".*", "?": "."}.get(each, re.escape(each)) for each in pattern), re.DOTALL)


def _arn_matches(pattern: str, arn: str) -> bool:
    """Part by part, as a wildcard in an ARN's condition doesn't reach over a colon but in the last part."""
    patterns, parts = pattern.split(":", 5), arn.split(":", 5)
    return len(patterns) == len(parts) and all(map(_matches, patterns, parts))


#: The value of the request has to pass for one of the statement's values (IAM user guide, "Condition operators").
_OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "StringEquals": _equals,
    "StringLike": _matches,
    "ArnEquals": _arn_matches,
    "ArnLike": _arn_matches,
    "Bool": _same_text,
}


#: One of the request's values has to pass; a request without the key never does.
_OPERATORS_OF_SETS: Mapping[str, Callable[[str, str], bool]] = {"ForAnyValue:StringEqualsIgnoreCase": _same_text}


def _holds(operator: str, key: str, wanted: Sequence[str], context: Mapping[str, str | tuple[str, ...]]) -> bool:
    """Whether one condition holds; the names of keys are compared without regard to case, but not their values."""
    given = {name.lower(): value for name, value in context.items()}.get(key.lower())
    if operator == "Null":
        return [value.lower() for value in map(str, wanted)] == [str(given is None).lower()]
    if operator in _OPERATORS_OF_SETS:
        values = (given,) if isinstance(given, str) else given or ()
        return any(_OPERATORS_OF_SETS[operator](str(value), each) for value in wanted for each in values)
    if operator == "ForAllValues:StringEquals":  # holds, too, where the key is missing
        values = (given,) if isinstance(given, str) else given or ()
        return all(value in map(str, wanted) for value in values)
    if isinstance(given, tuple):
        raise UnsupportedPolicyError(f"{operator} asks for one value, and {key} has several")
    if operator == "StringNotEquals":  # negated: it holds, too, where the key is missing
        return given is None or given not in map(str, wanted)
    if operator == "StringEqualsIfExists":
        return given is None or given in map(str, wanted)
    if operator not in _OPERATORS:
        raise UnsupportedPolicyError(f"condition operator {operator}")
    return given is not None and any(_OPERATORS[operator](str(value), given) for value in wanted)


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
