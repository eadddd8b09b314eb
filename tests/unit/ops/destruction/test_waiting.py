"""How long a destroy waits for what the cluster deletes itself."""

from __future__ import annotations

import pytest

from ops.destruction.waiting import EVERY_SECONDS, wait_until_gone
from ops.unrecorded.leftover import Leftover

VOLUME = Leftover("volume", "vol-1", "tag", "aws ec2 delete-volume --volume-id vol-1")
BALANCER = Leftover("load balancer", "arn", "tag", "aws elbv2 delete-load-balancer --load-balancer-arn arn")


class Waited:
    """What there is at each look, by a clock that only waiting moves on."""

    def __init__(self, *looks: list[Leftover], patience: float) -> None:
        self._looks, self.seconds = list(looks), 0.0
        self.said: list[str] = []
        self.left = wait_until_gone(self._look, self.said.append, patience, clock=lambda: self.seconds, sleep=self._go)

    def _look(self) -> list[Leftover]:
        return self._looks.pop(0) if len(self._looks) > 1 else self._looks[0]

    def _go(self, seconds: float) -> None:
        self.seconds += seconds


class TestWaiting:
    def test_it_ends_when_all_is_gone(self) -> None:
        """Each look tells what is waited for; the last one finds nothing."""
        waited = Waited([VOLUME, BALANCER], [VOLUME], [], patience=900.0)
        assert waited.left == []
        assert waited.said == [
            "Waiting for 2 volumes and load balancers to be gone",
            "Waiting for 1 volumes and load balancers to be gone",
        ]
        assert waited.seconds == 2 * EVERY_SECONDS

    def test_it_is_bounded(self) -> None:
        """What nobody deletes is returned when the patience is at its end."""
        waited = Waited([BALANCER], patience=60.0)
        assert waited.left == [BALANCER]
        assert waited.seconds == 60.0

    @pytest.mark.parametrize("found", [[], [VOLUME]], ids=["nothing", "something"])
    def test_without_patience_it_looks_once(self, found: list[Leftover]) -> None:
        """Where the cluster is gone there is nobody to wait for."""
        waited = Waited(found, patience=0.0)
        assert (waited.left, waited.said, waited.seconds) == (found, [], 0.0)
