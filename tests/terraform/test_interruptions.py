"""An apply that is interrupted before a call of each resource class has taken effect, with its state in a file."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from constructs.checks.synthesized import SynthesizedStack

from tests.terraform.interruptions import Apply, unrecorded
from tests.terraform.interruptions_calls import OF_A_PARENT, WAVES
from tests.terraform.interruptions_waves import Waves, classes_without_a_call, each_wave, environment, lines_twice
from tests.terraform.toolchain import Toolchain

pytestmark = pytest.mark.slow

SIGNALS = (signal.SIGINT, signal.SIGTERM)


def interrupt(apply: Apply, wave: int) -> None:
    """INT in the first wave, TERM in the second, and so on by turns."""
    apply.interrupt(SIGNALS[wave % 2])


@pytest.fixture(scope="module")
def interrupted(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Waves]:
    """The environment dev, interrupted in each wave of calls, which then have no effect."""
    with environment(toolchain, tmp_path_factory.mktemp("interruptions"), state_in_s3=False) as (workspace, aws):
        yield Waves(workspace, aws, "before", interrupt, drop=True, recover=False)


class TestInterruptedBeforeTheEffect:
    def test_every_class_of_the_stack_has_its_call(self, interrupted: Waves) -> None:
        """The calls that are interrupted stand for all classes of resources in the stack."""
        assert classes_without_a_call(SynthesizedStack.read(interrupted.workspace.stack)) == set()

    @each_wave
    def test_terraform_ends_by_itself_and_knows_what_it_has(self, interrupted: Waves, wave: int) -> None:
        """INT and TERM end an apply with exit code 1; what its calls hadn't made exists nowhere, all else is recorded.

        Left out is the bucket's life cycle, whose wait for S3 an interrupt breaks off without a record; it is set anew.
        """
        stopped = interrupted[wave]
        assert stopped.exit_code == 1
        assert "Gracefully shutting down" in stopped.output
        assert stopped.held & stopped.recorded == stopped.held & OF_A_PARENT
        assert stopped.held & stopped.recorded <= stopped.tainted
        assert stopped.found_addresses <= {"aws_s3_bucket_lifecycle_configuration.logs"} - stopped.held

    def test_the_next_apply_converges_by_itself(self, interrupted: Waves) -> None:
        """After an interrupt in every class a plain apply completes the environment, without anything twice."""
        assert interrupted[len(WAVES) - 1].exit_code == 1
        interrupted.workspace.terraform("apply", "-auto-approve", "-input=false")
        plan = interrupted.workspace.plan()
        assert plan.returncode == 0, plan.stdout
        assert lines_twice(interrupted.aws.inventory()) == []
        assert unrecorded(interrupted.workspace, interrupted.aws) == []
