"""What `recover` finds, and what it does about each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Repair(StrEnum):
    """What becomes of a finding."""

    UNLOCK = "remove the lock"
    UNLOCK_IF_AGREED = "asked about: only somebody who knows that its holder has ended may remove it"
    WRITE = "write to where it belongs, before anything else is looked at"
    RESTORE = "bring back from deletion, then import"
    IMPORT = "import into the state"
    IMPORT_BROKEN = "import and mark for replacement"
    RENEW = "write a new version"
    """Never imported, as an import puts the value into the state."""

    UNTAINT = "untaint: it is complete"
    REPLACE = "leave to the next deploy, which makes it anew"
    LEAVE = "leave as it is: written beside Terraform, and no deploy needs another"
    DELETE = "delete, and leave to the next deploy, which makes it anew"
    DECIDE = "yours to decide"


#: `recover` itself does nothing about these, and nobody has to decide.
LEFT = frozenset({Repair.REPLACE, Repair.LEAVE})
#: What a person has to decide.
ASKED = frozenset({Repair.DECIDE, Repair.UNLOCK_IF_AGREED})
#: These are done by the next deploy itself, or hinder none.
_HINDER_NOTHING = frozenset({Repair.RENEW, *LEFT})


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is not as a finished run leaves it."""

    stack: str
    what: str
    """Address in the stack, or what it is: `lock`."""

    identifier: str
    """ID in AWS, name in Kubernetes, ID of the lock."""

    evidence: str
    """For people: how it was recognized, what is known of it."""

    repair: Repair
    advice: str = ""
    """For people: what to do, where the repair is theirs."""

    stops: bool | None = None
    """Whether a deploy stops at it; by default whatever `recover` repairs."""

    @property
    def stops_deploy(self) -> bool:
        """Whether a deploy before the repair would fail, or make something twice."""
        if self.stops is not None:
            return self.stops
        return self.repair not in _HINDER_NOTHING

    @property
    def repairable(self) -> bool:
        """Whether `recover` does something about it."""
        return self.repair not in ASKED and self.repair not in LEFT

    @property
    def terraform_type(self) -> str:
        """`aws_vpc` of `aws_vpc.cluster`."""
        return self.what.partition(".")[0]

    def document(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "stack": self.stack,
            "what": self.what,
            "id": self.identifier,
            "evidence": self.evidence,
            "repair": self.repair.value,
            "advice": self.advice,
            "stops_deploy": self.stops_deploy,
        }
