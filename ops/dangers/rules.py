"""Rules that many types share: a number lowered, a switch turned, something taken off a list, an object gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ops.dangers.resource_change import ResourceChange
from ops.plan_report.danger import Danger, Kind, danger, shown
from ops.plan_report.report import Action

Rule = Callable[[ResourceChange], Iterator[Danger]]

#: Actions that take an object away, if only to make it again.
GONE = (Action.DESTROY, Action.REPLACE)


def is_true(value: Any) -> bool:
    """Whether a switch is on; providers write some as text."""
    return value is True or str(value).casefold() in ("true", "enabled", "on")


def number(value: Any) -> float | None:
    """A number, also one that is written as text; None where it is none."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def differ(before: Any, after: Any) -> bool:
    """Whether they differ in more than how a provider writes nothing."""
    return before != after and not (before in _NOTHING and after in _NOTHING)


_NOTHING: tuple[Any, ...] = (None, "", [], {}, False)


def members(value: Any) -> list[str]:
    """The members of a list or of a text with commas; what is nothing has none."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return [shown(item) for item in value] if isinstance(value, (list, tuple)) else []


def first(these: list[str], listed: list[str]) -> list[str]:
    """The list with these before the others, so that no cut hides them."""
    return [*these, *(member for member in listed if member not in these)]


def lowered(path: str, what: str, kind: Kind = Kind.WEAKENS, *, for_ever: tuple[Any, ...] = ()) -> Rule:
    """A number that becomes less; `for_ever` names the values that stand for no end."""

    def rule(change: ResourceChange) -> Iterator[Danger]:
        before, after = (
            float("inf") if value in for_ever else number(value) for value in (change.was(path), change.becomes(path))
        )
        if change.has_both and before is not None and (after or 0.0) < before:
            yield danger(kind, what, change.was(path), change.becomes(path))

    return rule


def raised(path: str, what: str, kind: Kind) -> Rule:
    """A number that becomes more."""

    def rule(change: ResourceChange) -> Iterator[Danger]:
        before, after = number(change.was(path)), number(change.becomes(path))
        if change.has_both and after is not None and before is not None and after > before:
            yield danger(kind, what, change.was(path), change.becomes(path))

    return rule


def switched_on(path: str, what: str, kind: Kind, *, created: bool = False) -> Rule:
    """A switch that is turned on; with `created` also one that a new object has on."""

    def rule(change: ResourceChange) -> Iterator[Danger]:
        judged = change.has_both or (created and change.action is Action.ADD)
        if judged and is_true(change.becomes(path)) and not is_true(change.was(path)):
            yield danger(kind, what, change.was(path) or False, change.becomes(path))

    return rule


def switched_off(path: str, what: str, kind: Kind = Kind.WEAKENS, *, created: bool = False) -> Rule:
    """A switch that is turned off; with `created` also one that a new object has off."""

    def rule(change: ResourceChange) -> Iterator[Danger]:
        was_on = change.has_both and is_true(change.was(path))
        if (was_on or (created and change.action is Action.ADD)) and not is_true(change.becomes(path)):
            yield danger(kind, what, change.was(path), change.becomes(path) or False)

    return rule


def changed(path: str, what: str, kind: Kind) -> Rule:
    """A value that becomes another one."""

    def rule(change: ResourceChange) -> Iterator[Danger]:
        if change.has_both and differ(change.was(path), change.becomes(path)):
            yield danger(kind, what, change.was(path), change.becomes(path))

    return rule


def exchanged(path: str, what: str, kind: Kind) -> Rule:
    """A value that becomes another one, where there is one before and after."""
    rule = changed(path, what, kind)

    def of_two(change: ResourceChange) -> Iterator[Danger]:
        if change.was(path) not in _NOTHING and change.becomes(path) not in _NOTHING:
            yield from rule(change)

    return of_two


def given_up(path: str, what: str, kind: Kind = Kind.WEAKENS) -> Rule:
    """A value that was there and is there no more."""

    def rule(change: ResourceChange) -> Iterator[Danger]:
        if change.has_both and change.was(path) not in _NOTHING and change.becomes(path) in _NOTHING:
            yield danger(kind, what, change.was(path), change.becomes(path))

    return rule


def given(path: str, what: str, kind: Kind) -> Rule:
    """A value that is there and was not, of a new object too."""

    def rule(change: ResourceChange) -> Iterator[Danger]:
        if change.becomes(path) not in _NOTHING and change.was(path) in _NOTHING:
            yield danger(kind, what, change.was(path), change.becomes(path))

    return rule


def not_any_more(path: str, wanted: str, what: str, kind: Kind) -> Rule:
    """A value that protects becomes another one, or a new object has another one."""

    def rule(change: ResourceChange) -> Iterator[Danger]:
        left = change.action is Action.ADD or (change.has_both and change.was(path) == wanted)
        if left and change.becomes(path) != wanted:
            yield danger(kind, what, change.was(path), change.becomes(path))

    return rule


def taken_off(path: str, what: str, kind: Kind = Kind.WEAKENS) -> Rule:
    """Members of a list that are missing afterwards."""

    def rule(change: ResourceChange) -> Iterator[Danger]:
        before, after = members(change.was(path)), members(change.becomes(path))
        lost = [member for member in before if member not in after]
        if change.has_both and lost:
            yield danger(kind, what, first(lost, before), after)

    return rule


def put_on(path: str, what: str, kind: Kind, *, created: bool = False) -> Rule:
    """Members of a list that are new; with `created` also those of a new object."""

    def rule(change: ResourceChange) -> Iterator[Danger]:
        before, after = members(change.was(path)), members(change.becomes(path))
        new = [member for member in after if member not in before]
        if new and (change.has_both or created):
            yield danger(kind, what, before, first(new, after))

    return rule


def gone(what: str, kind: Kind, *, actions: tuple[Action, ...] = GONE) -> Rule:
    """The object is destroyed or, where it is among the `actions`, replaced or added."""

    def rule(change: ResourceChange) -> Iterator[Danger]:
        if change.action in actions:
            because = f"; {change.reason}" if change.reason else ""
            word = {Action.REPLACE: "replaced", Action.DESTROY: "destroyed", Action.ADD: "new"}[change.action]
            yield Danger(kind=kind, what=f"{word}: {what}{because}")

    return rule
