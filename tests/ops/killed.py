"""Deploys of the product, killed in one wave of creating calls after the other, and recovered by the product."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.ops.operated import DEPLOY, STACK, Operated
from tests.terraform.interruptions import PARALLELISM, wait_until_quiet
from tests.terraform.interruptions_calls import WAVES, CreatingCall


@dataclass(frozen=True)
class Recovered:
    """What a kill left, and what the commands said of it."""

    held: frozenset[str]
    """Addresses whose creating calls had taken effect unanswered."""

    unrecorded: frozenset[str]
    """Addresses that existed and were in no state after the kill."""

    deploy: tuple[int, str]
    """Exit code and output of a deploy without a recovery."""

    recover: tuple[int, str]
    """Exit code and output of `recover --yes`."""

    left: frozenset[str]
    """The same as `unrecorded`, after `recover`."""


def _targets(calls: Iterable[CreatingCall]) -> str:
    return " ".join(f"-target={call.address}" for call in calls)


@dataclass
class KilledWaves:
    """An environment whose deploy is killed in every wave and recovered after each."""

    operated: Operated
    _recovered: list[Recovered] = field(default_factory=list)

    def __getitem__(self, wave: int) -> Recovered:
        """Kill and recover in every wave up to this one, as far as it hasn't been done."""
        while len(self._recovered) <= wave:
            self._recovered.append(self._run(len(self._recovered)))
        return self._recovered[wave]

    def deployed(self) -> Operated:
        """The environment when the deploy after the last kill has ended."""
        assert self[len(WAVES) - 1].left == frozenset()
        self.operated.deploy()
        return self.operated

    def _run(self, wave: int) -> Recovered:
        operated, calls = self.operated, WAVES[wave]
        holds = [call.hold(operated.aws, "after") for call in calls]
        variables = {
            "TF_CLI_ARGS_plan": _targets(call for earlier in WAVES[: wave + 1] for call in earlier),
            "TF_CLI_ARGS_apply": f"-parallelism={PARALLELISM}",
        }
        with operated.running(*DEPLOY, variables=variables) as deploy:
            for hold in holds:
                hold.wait()
            wait_until_quiet(operated.aws)
            deploy.kill()
        for hold in holds:
            hold.drop()
        operated.aws.clear_faults()
        unrecorded = operated.unrecorded()
        refused = operated.ops(*DEPLOY)
        recover = operated.ops("recover", *STACK, "--yes")
        return Recovered(
            held=frozenset(call.address for call in calls),
            unrecorded=frozenset(unrecorded),
            deploy=(refused.returncode, refused.stdout),
            recover=(recover.returncode, recover.stdout),
            left=frozenset(operated.unrecorded()),
        )
