"""An apply that is interrupted while calls of each resource class have taken effect unanswered; its state is in S3."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from tests.terraform.interruptions import Apply, unrecorded
from tests.terraform.interruptions_calls import OF_A_PARENT, WAVES
from tests.terraform.interruptions_waves import Waves, each_wave, environment, lines_twice
from tests.terraform.toolchain import Toolchain

pytestmark = pytest.mark.slow

SIGNALS = (signal.SIGTERM, signal.SIGINT)


def interrupt(apply: Apply, wave: int) -> None:
    """TERM in the first wave, INT in the second, and so on by turns."""
    apply.interrupt(SIGNALS[wave % 2])


@pytest.fixture(scope="module")
def interrupted(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Waves]:
    """The environment dev, interrupted in each wave; the next apply begins by importing what was found."""
    with environment(toolchain, tmp_path_factory.mktemp("interruptions-s3"), state_in_s3=True) as (workspace, aws):
        yield Waves(workspace, aws, "after", interrupt, drop=False, recover=True)


class TestInterruptedAfterTheEffect:
    @each_wave
    def test_an_interrupt_loses_what_is_in_flight(self, interrupted: Waves, wave: int) -> None:
        """The provider breaks off its unanswered calls (`context canceled`): their objects are found, nothing else is.

        So Terraform's graceful end, which waits for the provider, saves no more of them than a kill does.
        """
        stopped = interrupted[wave]
        assert stopped.exit_code == 1
        assert "context canceled" in stopped.output
        assert stopped.found_addresses == stopped.started_so_far - stopped.recorded
        assert stopped.found_addresses >= stopped.held - OF_A_PARENT
        assert stopped.held & stopped.recorded == stopped.held & OF_A_PARENT
        assert stopped.held & stopped.recorded <= stopped.tainted

    @each_wave
    def test_the_state_is_written_and_unlocked(self, interrupted: Waves, wave: int) -> None:
        """Unlike a kill an interrupt records in S3 all that was complete, and leaves no lock."""
        stopped = interrupted[wave]
        assert stopped.lock is None
        assert stopped.started - stopped.recorded <= stopped.held | {"aws_s3_bucket_lifecycle_configuration.logs"}

    def test_with_what_was_found_the_next_apply_converges(self, interrupted: Waves) -> None:
        """Imported by the IDs that were found, everything goes on: nothing is there twice and the plan is empty."""
        assert interrupted[len(WAVES) - 1].exit_code == 1
        interrupted.workspace.terraform("apply", "-auto-approve", "-input=false")
        plan = interrupted.workspace.plan()
        assert plan.returncode == 0, plan.stdout
        assert lines_twice(interrupted.aws.inventory()) == []
        assert unrecorded(interrupted.workspace, interrupted.aws) == []
