"""What a plan says, reduced to what people look at: the report that one job of a workflow hands to the next.

Sensitive values are gone from it; a plan file itself, which holds them, never leaves the machine that made it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from ops.console.errors import OperationError
from ops.plan_report.danger import Danger, Kind


class Action(StrEnum):
    """What a plan does with a resource."""

    ADD = "add"
    CHANGE = "change"
    REPLACE = "replace"
    DESTROY = "destroy"
    FORGET = "forget"
    """Terraform lets go of it, and it stays."""


class Status(StrEnum):
    """How the planning of a stack ended."""

    PLANNED = "planned"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Change:
    """One resource that changes."""

    address: str
    type: str
    action: Action
    reason: str = ""
    """Why it is replaced or destroyed, where Terraform says so."""

    details: tuple[str, ...] = ()
    """`attribute: before -> after`."""

    arguments: str = ""
    """Of what is added or destroyed: `argument=value, ...` of the few that decide."""

    dangers: tuple[Danger, ...] = ()
    """What a reviewer would stop at, the worst first."""


@dataclass(frozen=True, kw_only=True)
class StackPlan:
    """The plan of one stack, or why there is none."""

    stack: str
    status: Status = Status.PLANNED
    sentence: str = ""
    """Why it was skipped, or the error."""

    exit_code: int | None = None
    """Of `terraform plan -detailed-exitcode`: 0 nothing to do, 1 failed, 2 changes."""

    changes: tuple[Change, ...] = ()
    outside: tuple[Change, ...] = ()
    """What somebody has changed without Terraform since the last deploy."""

    outputs: int = 0
    """How many outputs change."""

    first: bool = False
    """Whether nothing of it is deployed yet."""

    @property
    def counts(self) -> Mapping[Action, int]:
        """How many resources each action has; 0 for the others."""
        return Counter(change.action for change in self.changes)


@dataclass(frozen=True, kw_only=True)
class EnvironmentPlan:
    """The plans of one environment's stacks, in the order of their deployment; or why there are none."""

    environment: str
    stacks: tuple[StackPlan, ...] = ()
    sentence: str = ""
    failed: bool = False
    aging: tuple[str, ...] = ()
    """Versions of it that are out of support, will be soon, or have a severe fault: a sentence for each."""

    crowded: tuple[str, ...] = ()
    """Why pods find no node, or none is left for an update or after the loss of one: a sentence for each."""

    @property
    def ended_well(self) -> bool:
        """Whether everything that could be planned was planned."""
        return not self.failed and all(stack.status != Status.FAILED for stack in self.stacks)


def write_report(plan: EnvironmentPlan, folder: Path) -> Path:
    """Write `<folder>/<environment>.json`; return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{plan.environment}.json"
    path.write_text(json.dumps(asdict(plan), indent=1) + "\n", encoding="utf-8")
    return path


def read_reports(folder: Path) -> list[EnvironmentPlan]:
    """Return the reports below `folder`, which may be missing, by name of the environment.

    Raises:
        OperationError: a file is no report.
    """
    reports = []
    for path in sorted(folder.rglob("*.json")):
        try:
            reports.append(_environment(json.loads(path.read_text(encoding="utf-8"))))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise OperationError(f"{path} is no report of a plan: {error!r}.", fix="python -m ops plan") from error
    return sorted(reports, key=lambda report: report.environment)


def _environment(content: Mapping[str, Any]) -> EnvironmentPlan:
    sentences = {name: tuple(content[name]) for name in ("aging", "crowded")}
    lists = {"stacks": tuple(map(_stack, content["stacks"])), **sentences}
    return EnvironmentPlan(**{**content, **lists})


def _stack(content: Mapping[str, Any]) -> StackPlan:
    lists = {name: _changes(content[name]) for name in ("changes", "outside")}
    return StackPlan(**{**content, **lists, "status": Status(content["status"])})


def _changes(content: Sequence[Mapping[str, Any]]) -> tuple[Change, ...]:
    return tuple(
        Change(
            **{
                **change,
                "action": Action(change["action"]),
                "details": tuple(change["details"]),
                "dangers": tuple(Danger(**{**one, "kind": Kind(one["kind"])}) for one in change["dangers"]),
            }
        )
        for change in content
    )
