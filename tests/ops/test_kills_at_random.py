"""First deploys killed at calls that a seed chooses: `recover` and `deploy` lead to the end of an undisturbed one."""

from __future__ import annotations

from pathlib import Path
from random import SystemRandom

import pytest

from tests.ops.operated import operated
from tests.ops.seeded import Undisturbed, chosen, deploy_undisturbed
from tests.security.secret_scan import leaks
from tests.terraform.account import secret_values
from tests.terraform.toolchain import Toolchain

pytestmark = pytest.mark.soak

KILLS = 20


@pytest.fixture(scope="session")
def seed(request: pytest.FixtureRequest) -> str:
    """What all choices follow from: the seed of `make soak`, else a new one."""
    given = request.config.getoption("--hypothesis-seed", default=None)
    return str(SystemRandom().getrandbits(32) if given is None else given)


@pytest.fixture(scope="session")
def undisturbed(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """A deploy that nobody disturbs."""
    return deploy_undisturbed(toolchain, tmp_path_factory.mktemp("undisturbed"))


@pytest.mark.parametrize("backend", ["local", "s3"])
@pytest.mark.parametrize("number", range(KILLS))
def test_recover_and_deploy_lead_to_the_same_end(
    toolchain: Toolchain,
    tmp_path: Path,
    undisturbed: Undisturbed,
    seed: str,
    backend: str,
    number: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Killed before or after a changing call has taken effect: nothing lost, nothing twice, no secret in the state."""
    kill = chosen(undisturbed, f"{seed} {backend} {number}")
    with operated(toolchain, tmp_path, state_in_s3=backend == "s3") as environment:
        kill.happen(environment)
        unrecorded = environment.unrecorded()
        recovered = environment.recover()
        with capsys.disabled():
            print(f"\nseed {seed} | {backend} {number} | killed {kill} | {len(unrecorded)} in no state", flush=True)
        assert environment.unrecorded() == set(), recovered
        environment.deploy()
        assert environment.inventory() == undisturbed.inventory
        assert environment.workspace.plan().returncode == 0
        assert environment.passwords_differ() == []
        assert leaks(secret_values(environment.aws), {"state": environment.state()}) == []
