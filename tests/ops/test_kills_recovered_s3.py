"""A deploy killed at a creating call of each resource class, state in S3: `recover` and `deploy` set it right."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.ops.killed import KilledWaves
from tests.ops.killed_end import EndsUndisturbed
from tests.ops.operated import Operated, operated
from tests.terraform.interruptions_waves import each_wave
from tests.terraform.toolchain import Toolchain

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def killed(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KilledWaves]:
    """The environment dev, killed in each wave and recovered after it."""
    with operated(toolchain, tmp_path_factory.mktemp("killed-s3"), state_in_s3=True) as environment:
        yield KilledWaves(environment)


@pytest.fixture(scope="module")
def deployed(killed: KilledWaves) -> Operated:
    """The same, deployed after the last kill."""
    return killed.deployed()


class TestKilledWithStateInS3(EndsUndisturbed):
    @each_wave
    def test_everything_that_was_created_unrecorded_is_found(self, killed: KilledWaves, wave: int) -> None:
        """A state in S3 is up to 20 s behind: `recover` names all that exists without its record, and nothing else."""
        recovered = killed[wave]
        assert recovered.unrecorded >= recovered.held
        code, said = recovered.recover
        assert code == 0, said
        named = {line.partition(" ")[0] for line in said.splitlines() if line.startswith("aws_")}
        assert named == recovered.unrecorded

    @each_wave
    def test_a_deploy_without_recover_is_refused(self, killed: KilledWaves, wave: int) -> None:
        """The lock of the killed run is there: it ends with 3 and names holder and age, and that it has ended."""
        code, said = killed[wave].deploy
        assert code == 3, said
        holder = r"held by \S+@\S+, process \d+ \(apply, \d+ min ago\), ID \S+; process \d+ of this machine has ended"
        assert re.search(holder, said), said
        assert "python -m ops recover, then python -m ops deploy" in said
