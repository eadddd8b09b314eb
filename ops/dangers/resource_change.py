"""A change of one resource as rules see it: both sides whole, without what Terraform calls sensitive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ops.plan_report.danger import SENSITIVE, UNKNOWN
from ops.plan_report.report import Action


@dataclass(frozen=True, kw_only=True)
class ResourceChange:
    """Before is empty where the resource is added, after where it is destroyed."""

    address: str
    type: str
    action: Action
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    """Why it is replaced or destroyed, where Terraform says so."""

    account: str = ""
    """The number of the environment's own account, where it is known."""

    @classmethod
    def of(
        cls,
        resource: Mapping[str, Any],
        action: Action,
        reason: str,
        declared: Mapping[str, Any] | None = None,
        account: str = "",
    ) -> ResourceChange:
        """Return the change that `terraform show -json` gives; what is known after apply only stands as `declared`.

        `declared` has the resource's arguments as they are synthesized: references stand for what nobody knows yet.
        """
        change = resource["change"]
        before, after = (
            side if isinstance(side := _masked(change.get(name), change.get(f"{name}_sensitive")), dict) else {}
            for name in ("before", "after")
        )
        unknown = change.get("after_unknown")
        return cls(
            address=resource["address"],
            type=resource["type"],
            action=action,
            before=before,
            after={} if action is Action.DESTROY else _filled(after, unknown, declared, before),
            reason=reason,
            account=account,
        )

    @property
    def has_both(self) -> bool:
        """Whether there is something before to compare with."""
        return self.action in (Action.CHANGE, Action.REPLACE)

    @property
    def goes(self) -> bool:
        """Whether what is there is deleted, if only to be made again."""
        return self.action in (Action.DESTROY, Action.REPLACE)

    def was(self, path: str) -> Any:
        """What stood at `block.argument`; a block of which there is one needs no number."""
        return at(self.before, path)

    def becomes(self, path: str) -> Any:
        """What will stand there; a reference or `(known after apply)` where nobody knows yet."""
        return at(self.after, path)


def at(value: Any, path: str) -> Any:
    """What stands at `block.argument` of a resource; None where nothing does."""
    for key in path.split("."):
        inside = value[0] if isinstance(value, list) and value else value
        value = inside.get(key) if isinstance(inside, Mapping) else None
    return value


def _masked(value: Any, mark: Any) -> Any:
    if mark is True:
        return SENSITIVE
    if isinstance(value, dict) and isinstance(mark, dict):
        return {key: _masked(item, mark.get(key)) for key, item in value.items()}
    if isinstance(value, list) and isinstance(mark, list):
        marks = [*mark, *([None] * len(value))]
        return [_masked(item, inner) for item, inner in zip(value, marks, strict=False)]
    return value


def _filled(value: Any, unknown: Any, declared: Any, before: Any, *, known: bool = False) -> Any:
    """The value, where it is unknown as it is declared; what nobody has declared stays as it was.

    `known` says that what is declared around it is known, so that what is not there is not declared.
    """
    known = known or declared is not None
    if unknown is True:
        return declared if declared is not None else before if known else UNKNOWN
    if isinstance(unknown, dict):
        kept, said, had = (part if isinstance(part, dict) else {} for part in (value, declared, before))
        marked = {key: mark for key, mark in unknown.items() if mark not in ([], {}, False)}
        return {
            **kept,
            **{k: _filled(kept.get(k), mark, said.get(k), had.get(k), known=known) for k, mark in marked.items()},
        }
    if isinstance(unknown, list) and isinstance(value, list):
        # Terraform sorts sets: only where there is one of them it is clear which is which.
        alone = len(value) == 1
        told = _only(declared) if alone else None
        was = _only(before) if alone else None
        known = known and alone
        return [_filled(item, mark, told, was, known=known) for item, mark in zip(value, unknown, strict=False)]
    return value


def _only(value: Any) -> Any:
    """What stands in a list of one; a block of which there can be one is declared without a list."""
    if isinstance(value, list):
        return value[0] if len(value) == 1 else None
    return value
