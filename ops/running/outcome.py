"""What became of one stack."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from ops.console.exit_codes import ExitCode
from ops.running.progress import Failure, Step


class Ended(StrEnum):
    """How the work on a stack ended."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    DECLINED = "declined"
    INTERRUPTED = "interrupted"
    FAILED = "failed"
    SKIPPED = "skipped"

    @property
    def exit_code(self) -> ExitCode:
        """The exit code that says so."""
        codes = {
            Ended.DECLINED: ExitCode.DECISION,
            Ended.INTERRUPTED: ExitCode.INTERRUPTED,
            Ended.FAILED: ExitCode.FAILED,
        }
        return codes.get(self, ExitCode.DONE)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The end of the work on one stack, and how far it came."""

    stack: str
    ended: Ended
    total: int = 0
    """Changes of the plan."""

    done: int = 0
    seconds: float = 0.0
    slowest: tuple[Step, ...] = ()
    in_work: tuple[str, ...] = ()
    """Addresses that were being changed when it stopped."""

    failures: tuple[Failure, ...] = field(default=())
    kept: Path | None = None
    """The state that could not be written."""

    reason: str = ""
    """For people, where neither failures nor the word says it."""

    @property
    def went_on(self) -> bool:
        """Whether the next stack may be worked on."""
        return self.ended in (Ended.CHANGED, Ended.UNCHANGED, Ended.SKIPPED)

    def document(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "stack": self.stack,
            "ended": self.ended.value,
            "changes": self.total,
            "done": self.done,
            "seconds": round(self.seconds, 1),
            "slowest": [
                {"address": step.address, "action": step.action, "seconds": round(step.seconds, 1)}
                for step in self.slowest
            ],
            "in_work": list(self.in_work),
            "failures": [str(failure) for failure in self.failures],
            "kept_state": self.kept and str(self.kept),
            "reason": self.reason,
        }
