"""A first deploy killed at a call that a seed chooses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import get_args

from tests.emulator.faults import Moment
from tests.ops.operated import DEPLOY, Operated, operated
from tests.terraform.toolchain import Toolchain

_READING = ("Describe", "List", "Get", "Head")


@dataclass(frozen=True)
class Undisturbed:
    """What a deploy that nobody disturbs makes, and its changing calls, sorted: their order differs from run to run."""

    inventory: Sequence[str]
    calls: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Kill:
    """The call at which a deploy is killed."""

    service: str
    action: str
    nth: int
    """Of the calls of this action."""

    moment: Moment

    def __str__(self) -> str:
        """For the table."""
        return f"{self.moment} {self.service}:{self.action} number {self.nth}"

    def happen(self, environment: Operated, variables: Mapping[str, str] | None = None) -> None:
        """Deploy, and kill everything at the call."""
        hold = environment.aws.hold(self.service, self.action, nth=self.nth, moment=self.moment)
        with environment.running(*DEPLOY, variables=variables or {}) as deploy:
            hold.wait()
            deploy.kill()
        hold.drop()
        environment.aws.clear_faults()


def deploy_undisturbed(toolchain: Toolchain, folder: Path) -> Undisturbed:
    """Deploy from nothing, and look at what was made and how."""
    with operated(toolchain, folder, state_in_s3=False) as environment:
        environment.deploy()
        calls = sorted(
            (call.service, call.action)
            for call in environment.aws.calls()
            if call.terraform and not call.action.startswith(_READING)
        )
        return Undisturbed(environment.inventory(), calls)


def chosen(undisturbed: Undisturbed, seed: str) -> Kill:
    """The call that a seed chooses, each of the changing ones alike, before or after its effect."""
    chance = Random(seed)  # noqa: S311  # a test's choice
    number = chance.randrange(len(undisturbed.calls))
    service, action = undisturbed.calls[number]
    nth = undisturbed.calls[: number + 1].count((service, action))
    return Kill(service, action, nth, chance.choice(get_args(Moment)))
