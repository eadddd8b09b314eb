"""What the rule says of a version: one verdict, with a remark for each thing that somebody should know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from constructs.versions.table import Fault, Line, Part, part

#: What ends within it is told in issues and comments, beside what has ended.
NEAR = timedelta(days=90)


class Kind(StrEnum):
    """Why a version is remarked on."""

    UNFIT = "does not fit"
    """Another part can't work with it: refused."""

    GONE = "gone"
    """AWS makes nothing new of it: refused by preflight where nothing of it runs."""

    FAULTY = "severe fault"
    OLD = "out of support"
    ENDING = "support ends"
    """Within `NEAR`."""

    NEWER = "newer than tried"


#: What a clock or an advisory brings about while nobody changes the file.
AGING = frozenset({Kind.GONE, Kind.FAULTY, Kind.OLD, Kind.ENDING})


@dataclass(frozen=True, kw_only=True)
class Remark:
    """One thing to know, and what to do about it."""

    kind: Kind
    says: str
    fix: str = ""
    """What to write into the environment file, or to do; empty where there is nothing."""

    day: date | None = None
    """When it was or will be so."""

    allowed: str = ""
    """What would fit, and why, where this doesn't."""

    def __str__(self) -> str:
        return f"{self.says}; {self.fix}" if self.fix else self.says


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What is known of one version of one part."""

    part: Part
    version: str
    tested: bool
    line: Line | None
    """What the table has of its line; None for a line that it doesn't know."""

    faults: tuple[Fault, ...] = ()
    """All known ones, those too that nobody is warned of."""

    remarks: tuple[Remark, ...] = ()

    @property
    def subject(self) -> str:
        """The key of the environment file that chooses the version, or the part's name where none does.

        Of a package that comes in Airflow's image it is Airflow's.
        """
        return self.part.setting or (part("airflow").setting if self.part.package else self.part.name)

    @property
    def supported_until(self) -> date | None:
        """The last day of standard support; None where none is known."""
        return self.line.standard_until if self.line else None

    @property
    def aging(self) -> tuple[Remark, ...]:
        """What changes without a change of the file."""
        return tuple(remark for remark in self.remarks if remark.kind in AGING)

    @property
    def warnings(self) -> tuple[Remark, ...]:
        """What whoever synthesizes is told: everything but what has yet to come."""
        return tuple(remark for remark in self.remarks if remark.kind is not Kind.ENDING)

    def document(self) -> dict[str, Any]:
        """For JSON."""
        extended = self.line.extended_until if self.line else None
        return {
            "part": self.part.key,
            "version": self.version,
            "tested": self.tested,
            "supported_until": self.supported_until and self.supported_until.isoformat(),
            "extended_support_until": extended and extended.isoformat(),
            "faults": [
                {"id": fault.id, "severity": fault.severity, "fixed": list(fault.fixed)} for fault in self.faults
            ],
            "remarks": [
                {
                    "kind": remark.kind.value,
                    "says": remark.says,
                    "fix": remark.fix,
                    "day": remark.day and remark.day.isoformat(),
                }
                for remark in self.remarks
            ],
        }
