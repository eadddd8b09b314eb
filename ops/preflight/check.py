"""One line of a preflight."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from ops.console.pages import Page


class Result(StrEnum):
    """How a check ended."""

    OK = "ok"
    PROBLEM = "problem"
    """A deploy would fail, or do what nobody wants."""

    UNKNOWN = "unknown"
    """It could not be checked, for lack of a permission for instance; it stops nobody."""

    NOT_YET = "not yet"
    """There is nothing to check before the first deploy, or in this environment."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """What was checked and what came out."""

    subject: str
    result: Result
    detail: str = ""
    fix: str = ""
    """What to do; always there with a problem."""

    page: Page | None = None
    """Where the documents say more."""

    @property
    def advice(self) -> str:
        """What to do, and where the documents say more."""
        return f"{self.fix} ({self.page})" if self.fix and self.page else self.fix

    def document(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "result": self.result.value}


def ok(subject: str, detail: str = "") -> Check:
    """A check that found nothing wrong."""
    return Check(subject=subject, result=Result.OK, detail=detail)


def problem(subject: str, detail: str, fix: str, page: Page | None = None) -> Check:
    """A check that found what has to be put right."""
    return Check(subject=subject, result=Result.PROBLEM, detail=detail, fix=fix, page=page)


def unknown(subject: str, detail: str, fix: str = "", page: Page | None = None) -> Check:
    """A check that could not be made."""
    return Check(subject=subject, result=Result.UNKNOWN, detail=detail, fix=fix, page=page)


def not_yet(subject: str, detail: str) -> Check:
    """A check for which there is nothing yet."""
    return Check(subject=subject, result=Result.NOT_YET, detail=detail)
