"""A deploy killed at a creating call of each resource class, state in a file: `recover` and `deploy` set it right."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.documented import shows
from tests.ops.killed import KilledWaves
from tests.ops.killed_end import EndsUndisturbed
from tests.ops.operated import Operated, operated
from tests.terraform.interruptions_waves import each_wave
from tests.terraform.toolchain import Toolchain

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def killed(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KilledWaves]:
    """The environment dev, killed in each wave and recovered after it."""
    with operated(toolchain, tmp_path_factory.mktemp("killed"), state_in_s3=False) as environment:
        yield KilledWaves(environment)


@pytest.fixture(scope="module")
def deployed(killed: KilledWaves) -> Operated:
    """The same, deployed after the last kill."""
    return killed.deployed()


class TestKilledWithLocalState(EndsUndisturbed):
    @each_wave
    def test_exactly_what_was_being_created_is_found(self, killed: KilledWaves, wave: int) -> None:
        """A local state has all but the objects whose calls were unanswered: `recover` names each and nothing else."""
        recovered = killed[wave]
        assert recovered.unrecorded == recovered.held
        code, said = recovered.recover
        assert code == 0, said
        named = {line.partition(" ")[0] for line in said.splitlines() if line.startswith("aws_")}
        assert named == recovered.held

    @each_wave
    def test_a_deploy_without_recover_is_refused(self, killed: KilledWaves, wave: int) -> None:
        """It applies nothing, ends with 3 and says to recover; secrets' versions alone would hinder none."""
        code, said = killed[wave].deploy
        assert code == 3, said
        assert "Fix: python -m ops recover, then python -m ops deploy" in said

    def test_what_the_documents_show(self, killed: KilledWaves) -> None:
        """After a kill in the first seconds deploy and recover say what docs/recovery.md shows."""
        shows("deploy-killed-then-refused", killed[0].deploy[1])
        shows("recover-killed", killed[0].recover[1])
