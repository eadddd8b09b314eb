"""Waiting until the cluster has deleted what it has made in AWS itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from ops.unrecorded.leftover import Leftover

EVERY_SECONDS = 10.0


def wait_until_gone(  # noqa: PLR0913  # the last two are for tests
    look: Callable[[], Sequence[Leftover]],
    say: Callable[[str], None],
    patience: float,
    *,
    what: str = "volumes and load balancers",
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Sequence[Leftover]:
    """Look again and again, for as long as `patience` (seconds) lasts; return what is still there, if anything is."""
    until = clock() + patience
    while (left := look()) and clock() < until:
        say(f"Waiting for {len(left)} {what} to be gone")
        sleep(EVERY_SECONDS)
    return left
