"""An environment that is deployed with a stop in each wave of creating calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from constructs.checks.synthesized import SynthesizedStack

from ops.unrecorded.finding import Unrecorded
from tests.emulator import Emulator
from tests.emulator.faults import Moment
from tests.terraform.account import prepare_account
from tests.terraform.interruptions import (
    STATE_IN_S3,
    Apply,
    applying,
    create_state_bucket,
    import_with_next_apply,
    lock,
    recorded,
    tainted,
    unrecorded,
    wait_until_quiet,
)
from tests.terraform.interruptions_calls import WAVES
from tests.terraform.toolchain import Toolchain
from tests.terraform.workspace import Workspace, environment_file

#: Runs a test for each wave, in their order.
each_wave = pytest.mark.parametrize("wave", range(len(WAVES)), ids=[f"wave-{wave + 1}" for wave in range(len(WAVES))])


@contextmanager
def environment(
    toolchain: Toolchain, folder: Path, *, state_in_s3: bool, **changes: object
) -> Iterator[tuple[Workspace, Emulator]]:
    """The environment dev, with `changes`, ready to be applied in an account of its own."""
    with Emulator() as aws:
        prepare_account(aws)
        if state_in_s3:
            create_state_bucket(aws)
            changes["state"] = STATE_IN_S3
        file = environment_file("dev", folder, **changes)
        workspace = Workspace(toolchain, folder, file, aws.environment(), local_state=not state_in_s3)
        workspace.synth()
        workspace.init()
        yield workspace, aws


@dataclass(frozen=True)
class Stopped:
    """What is left of an apply that was stopped while all calls of a wave hung."""

    held: frozenset[str]
    """Addresses that the calls were to create."""

    started: frozenset[str]
    """Addresses whose creation had begun, `held` and what they need."""

    started_so_far: frozenset[str]
    """The same, those of the waves before included."""

    exit_code: int
    output: str
    recorded: frozenset[str]
    tainted: frozenset[str]
    """Those of `recorded` whose creation was not seen to end."""

    found: tuple[Unrecorded, ...]
    lock: dict[str, str] | None

    @property
    def found_addresses(self) -> set[str]:
        """Addresses of what exists and is not recorded."""
        return {item.address for item in self.found}


@dataclass
class Waves:
    """An environment that is stopped in one wave after the other; each wave's apply goes on from the one before."""

    workspace: Workspace
    aws: Emulator
    moment: Moment
    stop: Callable[[Apply, int], None]
    """Stops the apply of wave number so-and-so."""

    drop: bool
    """The held calls get no answer, and those held before their effect have none."""

    recover: bool
    """Import what is found before going on."""

    _stopped: list[Stopped] = field(default_factory=list)

    def __getitem__(self, wave: int) -> Stopped:
        """Stop in every wave up to this one, as far as it hasn't been done."""
        while len(self._stopped) <= wave:
            self._stopped.append(self._run(len(self._stopped)))
        return self._stopped[wave]

    def _run(self, wave: int) -> Stopped:
        calls = WAVES[wave]
        holds = [call.hold(self.aws, self.moment) for call in calls]
        targets = [f"-target={call.address}" for earlier in WAVES[: wave + 1] for call in earlier]
        with applying(self.workspace, *targets) as apply:
            for hold in holds:
                hold.wait()
            wait_until_quiet(self.aws)
            self.stop(apply, wave)
            # Terraform says that it was interrupted before it tells the provider: a call that is let go in between
            # would be answered, or repeated, as if nothing had happened.
            code = apply.wait()
        for hold in holds:
            hold.drop() if self.drop else hold.release()
        self.aws.clear_faults()
        left = self._unlock()
        found = unrecorded(self.workspace, self.aws)
        if self.recover:
            import_with_next_apply(self.workspace, found)
        return Stopped(
            held=frozenset(call.address for call in calls),
            started=frozenset(apply.started),
            started_so_far=frozenset(apply.started).union(*(stopped.started for stopped in self._stopped)),
            exit_code=code,
            output=apply.output,
            recorded=frozenset(recorded(self.workspace).import_ids),
            tainted=frozenset(tainted(self.workspace)),
            found=tuple(found),
            lock=left,
        )

    def _unlock(self) -> dict[str, str] | None:
        """Remove the lock that a killed run leaves in S3; return it."""
        left = None if self.workspace.local_state else lock(self.aws)
        if left:
            self.workspace.terraform("force-unlock", "-force", left["ID"])
        return left


def classes_without_a_call(stack: SynthesizedStack) -> set[str]:
    """Types of AWS resources in the stack that no wave stops at."""
    stopped_at = {call.terraform_type for wave in WAVES for call in wave}
    return {kind for kind in stack.document["resource"] if kind.startswith("aws_")} - stopped_at


def lines_twice(inventory: list[str]) -> list[str]:
    """What an account holds twice under one description."""
    return sorted(line for line, times in Counter(inventory).items() if times > 1)
