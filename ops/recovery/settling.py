"""Waiting until what is being made is made: nothing can be built on it before."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from ops.console.output import Output
from ops.console.wording import duration
from ops.recovery.finding import Finding, Repair
from ops.recovery.health import Health, look
from ops.unrecorded.account import Clients

#: A control plane takes ten minutes, a Multi-AZ database thirty.
LIMIT_SECONDS = 60 * 60.0
EVERY_SECONDS = 15.0

_WAITED_FOR = frozenset({Repair.IMPORT, Repair.IMPORT_BROKEN, Repair.UNTAINT})
_IF_BROKEN = {Repair.IMPORT: Repair.IMPORT_BROKEN, Repair.UNTAINT: Repair.REPLACE}


def settle(  # noqa: PLR0913  # the last three are for tests
    findings: Sequence[Finding],
    clients: Clients,
    output: Output,
    *,
    limit: float = LIMIT_SECONDS,
    every: float = EVERY_SECONDS,
    sleep: Callable[[float], None] = time.sleep,
) -> list[Finding]:
    """Return the findings when AWS has made what they are about; those that failed get the repair for that.

    What takes longer than `limit` seconds is left for people to decide.
    """
    settled = []
    began = time.monotonic()
    for finding in findings:
        if finding.repair not in _WAITED_FOR:
            settled.append(finding)
            continue
        health, status = look(clients, finding.terraform_type, finding.identifier)
        while health is Health.IN_PROGRESS and time.monotonic() - began < limit:
            output.say(f"{finding.what} is {status}; waiting ({duration(time.monotonic() - began)})")
            sleep(every)
            health, status = look(clients, finding.terraform_type, finding.identifier)
        settled.append(_judged(finding, health, status))
    return settled


def _judged(finding: Finding, health: Health, status: str) -> Finding:
    if health is Health.BROKEN:
        return replace(finding, repair=_IF_BROKEN.get(finding.repair, finding.repair))
    if health is Health.IN_PROGRESS:
        return replace(finding, repair=Repair.DECIDE, advice=f"It is still {status}. Wait, then recover again.")
    return finding
