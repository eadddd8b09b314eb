"""How far Terraform is, from the events that `terraform apply -json` prints, one per line."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

#: Of the resources that are done, so many are named in the end.
SLOWEST = 5


@dataclass(frozen=True, kw_only=True)
class Step:
    """A resource that Terraform is done with."""

    address: str
    action: str
    """`create`, `update`, `delete`."""

    seconds: float


@dataclass(frozen=True, kw_only=True)
class Failure:
    """An error that Terraform reported."""

    address: str | None
    summary: str
    detail: str

    def __str__(self) -> str:
        """On one line, as far as the summary goes."""
        where = f"{self.address}: " if self.address else ""
        detail = f"\n  {self.detail.strip()}" if self.detail.strip() else ""
        return f"{where}{self.summary.strip()}{detail}"


@dataclass
class Progress:
    """What an apply has done so far."""

    total: int
    """Changes of the plan."""

    clock: Callable[[], float] = time.monotonic
    done: list[Step] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    _since: dict[str, tuple[str, float]] = field(default_factory=dict)
    _finished: set[str] = field(default_factory=set)
    printed_state: str = ""
    """The state, where Terraform could write it nowhere."""

    other: list[str] = field(default_factory=list)
    """Lines that are no events."""

    @property
    def finished(self) -> int:
        """Resources that are done with; one that is replaced counts once, when its successor is made."""
        return len(self._finished)

    @property
    def in_work(self) -> dict[str, float]:
        """Address -> seconds since its change began, the longest first."""
        now = self.clock()
        spent = {address: now - since for address, (_, since) in self._since.items()}
        return dict(sorted(spent.items(), key=lambda item: -item[1]))

    @property
    def slowest(self) -> list[Step]:
        """The steps that took longest."""
        return sorted(self.done, key=lambda step: -step.seconds)[:SLOWEST]

    def read(self, line: str) -> None:
        """Take one line of the output."""
        try:
            event: Any = json.loads(line)
        except ValueError:
            event = None
        if not isinstance(event, dict):
            if line.strip():
                self.other.append(line)
            return
        kind, hook = event.get("type"), event.get("hook", {})
        address = hook.get("resource", {}).get("addr", "")
        if isinstance(event.get("state"), dict):
            self.printed_state = json.dumps(event["state"])
        if hook.get("action") == "read":
            return  # a data source that had to wait for the apply: no change of the plan
        if kind == "apply_start":
            self._since[address] = (hook.get("action", ""), self.clock())
            self._finished.discard(address)
        elif kind == "apply_complete":
            action, since = self._since.pop(address, (hook.get("action", ""), self.clock()))
            self.done.append(Step(address=address, action=action, seconds=self.clock() - since))
            self._finished.add(address)
        elif kind == "apply_errored":
            self._since.pop(address, None)
        elif kind == "diagnostic":
            self._diagnostic(event.get("diagnostic", {}))

    def _diagnostic(self, diagnostic: dict[str, Any]) -> None:
        if diagnostic.get("severity") == "error":
            self.failures.append(
                Failure(
                    address=diagnostic.get("address"),
                    summary=diagnostic.get("summary", ""),
                    detail=diagnostic.get("detail", ""),
                )
            )
