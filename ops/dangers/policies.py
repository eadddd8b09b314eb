"""Policies that widen: what one allows that it did not, and what it denies no more."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from ops.dangers.resource_change import ResourceChange
from ops.dangers.rules import Rule
from ops.plan_report.danger import NONE, UNKNOWN, Danger, Kind, danger

#: Members of a list that a line names.
NAMED = 6

#: Stands among trusted principals for the account itself, whose own policies then say who may.
OWN_ACCOUNT = "the account"


@dataclass(frozen=True)
class Statement:
    """One statement of a policy; `""` stands where it names no principal, as in a role's policy."""

    denies: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    principals: tuple[str, ...]
    """`kind:name`, as a service, a federated identity and an account of one name are not the same."""

    conditions: Mapping[str, tuple[str, ...]]
    """`operator key` -> values."""

    inverted: frozenset[str] = frozenset()
    """Which of NotAction, NotResource and NotPrincipal it says: with one of them it is compared as a whole."""

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Statement:
        """Return the statement."""
        conditions = {
            f"{operator} {key}": _texts(values)
            for operator, keys in (content.get("Condition") or {}).items()
            for key, values in keys.items()
        }
        return cls(
            denies=content.get("Effect") == "Deny",
            actions=_texts(content.get("Action", content.get("NotAction", ()))),
            resources=_texts(content.get("Resource", content.get("NotResource", ""))),
            principals=_principals(content.get("Principal", content.get("NotPrincipal", ""))),
            conditions=conditions,
            inverted=frozenset({"NotAction", "NotResource", "NotPrincipal"} & {*content}),
        )

    def covers(self, other: Statement, *, whatever_conditions: bool = False) -> bool:
        """Whether it holds for all that the other one holds for."""
        if self.inverted or other.inverted:
            return self == other
        return (
            self.denies == other.denies
            and _all_match(_folded(self.actions), _folded(other.actions))
            and _all_match(self.resources, other.resources)
            and _all_match(self.principals, other.principals)
            and (whatever_conditions or self._as_loose_as(other))
        )

    def _as_loose_as(self, other: Statement) -> bool:
        """Whether whatever meets the other's conditions meets these: each is there, with as many values or more."""
        # Of a negated operator the values are what is left out: there fewer are looser.
        return all(
            key in other.conditions
            and (set(values) <= set(other.conditions[key]) if _negated(key) else {*other.conditions[key]} <= {*values})
            for key, values in self.conditions.items()
        )

    def single(self) -> Iterator[Statement]:
        """One statement for each action, resource and principal."""
        if self.inverted:
            yield self
            return
        for action in self.actions:
            for resource in self.resources:
                for principal in self.principals:
                    yield Statement(self.denies, (action,), (resource,), (principal,), self.conditions)

    def __str__(self) -> str:
        """What it is about, in one line."""
        principals = [_without_kind(principal) for principal in self.principals]
        of = f" for {self._but('NotPrincipal')}{_named(principals)}" if self.principals != ("",) else ""
        on = f" on {self._but('NotResource')}{_named(self.resources)}" if self.resources != ("",) else ""
        when = f" if {_conditions(self.conditions)}" if self.conditions else ""
        deny = "deny " if self.denies else ""
        return f"{deny}{self._but('NotAction')}{_named(self.actions)}{on}{of}{when}"

    def _but(self, name: str) -> str:
        return "all but " if name in self.inverted else ""


def statements(policy: Any) -> list[Statement] | None:
    """Return the statements of a policy as Terraform has it; None where it can't be read, as it isn't known yet."""
    if policy in (None, "", NONE):
        return []
    try:
        content = json.loads(policy) if isinstance(policy, str) else policy
        listed = content.get("Statement", [])
        return [Statement.of(each) for each in (listed if isinstance(listed, list) else [listed])]
    except (ValueError, AttributeError, TypeError):
        return None


def widened_policy(path: str, what: str, *, trusted: Sequence[str] = ()) -> Rule:
    """A policy that allows more or denies less than before; all that a new one allows counts, but to `trusted` alone.

    `trusted` are principals that a new policy may name without a word, by kind and name: services of AWS, the account
    itself.
    """

    def rule(change: ResourceChange) -> Iterator[Danger]:
        if change.goes and not change.after:
            return
        old_text, new_text = change.was(path), change.becomes(path)
        before, after = statements(old_text), statements(new_text)
        if before is None or after is None:
            if old_text != new_text:
                yield danger(Kind.OPENS, f"{what}: it can't be told what it will allow", old_text, new_text or UNKNOWN)
            return
        known = [f"AWS:arn:*:iam::{change.account}:root" if name == OWN_ACCOUNT else name for name in trusted]
        yield from _allowed(what, before, after, known)
        yield from _not_denied(what, before, after)

    return rule


def _allowed(what: str, before: list[Statement], after: list[Statement], trusted: Sequence[str]) -> Iterator[Danger]:
    if not before:
        allowed = [str(each) for each in _widest_first(after) if not each.denies and not _trusted(each, trusted)]
        if allowed:
            yield danger(Kind.OPENS, f"{what} allows", "", "; ".join(allowed))
        return
    for statement in after:
        if statement.denies:
            continue
        singles = list(statement.single())
        new = [single for single in singles if not any(old.covers(single) for old in before)]
        loosened = [single for single in new if any(old.covers(single, whatever_conditions=True) for old in before)]
        fresh = [single for single in new if single not in loosened]
        if fresh:
            yield danger(Kind.OPENS, f"{what} allows more", _nearest(statement, before), str(_joined(fresh)))
        if loosened:
            old = next(o for o in before if o.covers(loosened[0], whatever_conditions=True))
            said = f"{what} allows {_named(_joined(loosened).actions)} under fewer conditions"
            yield danger(Kind.OPENS, said, _conditions(old.conditions), _conditions(statement.conditions))


def _not_denied(what: str, before: list[Statement], after: list[Statement]) -> Iterator[Danger]:
    for statement in before:
        if statement.denies and not all(
            any(new.covers(single) for new in after if new.denies) for single in statement.single()
        ):
            denied = [new for new in after if new.denies]
            yield danger(Kind.OPENS, f"{what} denies less", str(statement), "; ".join(map(str, denied)))


def _nearest(statement: Statement, before: list[Statement]) -> str:
    """What was allowed of the same actions or on the same resources."""
    near = [
        old
        for old in before
        if not old.denies and ({*old.actions} & {*statement.actions} or {*old.resources} & {*statement.resources})
    ]
    return "; ".join(map(str, near))


def _joined(singles: Sequence[Statement]) -> Statement:
    """One statement that names all of theirs."""
    first = singles[0]
    if first.inverted:
        return first
    lists = [tuple(dict.fromkeys(single.actions[0] for single in singles))]
    lists.append(tuple(dict.fromkeys(single.resources[0] for single in singles)))
    lists.append(tuple(dict.fromkeys(single.principals[0] for single in singles)))
    return Statement(first.denies, lists[0], lists[1], lists[2], first.conditions)


def _widest_first(listed: Sequence[Statement]) -> list[Statement]:
    """Those that hold for everything, then those with a wildcard."""
    return sorted(
        listed, key=lambda each: ("*" not in each.actions, "*" not in each.resources, "*" not in str(each.actions))
    )


def _trusted(statement: Statement, trusted: Sequence[str]) -> bool:
    named = "NotPrincipal" not in statement.inverted
    return named and all(any(fnmatchcase(p, pattern) for pattern in trusted) for p in statement.principals)


def _negated(key: str) -> bool:
    return "Not" in key.partition(" ")[0]


def _folded(actions: Sequence[str]) -> list[str]:
    """Names of actions as IAM reads them: whatever their case."""
    return [action.casefold() for action in actions]


def _all_match(patterns: Sequence[str], texts: Sequence[str]) -> bool:
    return all(any(_matches(pattern, text) for pattern in patterns) for text in texts)


def _matches(pattern: str, text: str) -> bool:
    # The text is a pattern, too: `?` in it stands for one character, and so never holds for its `*`.
    return pattern == text or fnmatchcase(text, pattern.replace("[", "[[]").replace("?", "[!*]"))


def _principals(value: Any) -> tuple[str, ...]:
    # A bare `*` is AWS: *, https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    kinds = value if isinstance(value, dict) else {"AWS": value} if value else {"": ""}
    return tuple(f"{kind}:{text}" if kind else text for kind, texts in kinds.items() for text in _texts(texts))


def _without_kind(principal: str) -> str:
    """Names of services and of AWS's own principals show what they are; others stand with their kind."""
    return principal.removeprefix("AWS:").removeprefix("Service:")


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, (list, tuple)) else (str(value),)


def _conditions(conditions: Mapping[str, tuple[str, ...]]) -> str:
    return " and ".join(f"{key} {_named(values)}" for key, values in conditions.items()) or NONE


def _named(texts: Sequence[str]) -> str:
    """The widest first; what is more than a line takes is counted."""
    ordered = sorted(texts, key=lambda text: ("*" not in text, len(text))) if len(texts) > NAMED else texts
    rest = len(texts) - NAMED
    return ", ".join(ordered[:NAMED]) + (f" and {rest} more" if rest > 0 else "")
