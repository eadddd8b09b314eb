"""What is left over."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Leftover:
    """An object that no state knows and that nothing needs any more."""

    kind: str
    """`volume`, `BALANCER`, ..."""

    identifier: str
    evidence: str
    command: str
    """The AWS CLI's command that removes it."""

    free: bool = True
    """Nothing uses it: AWS would delete it now."""
