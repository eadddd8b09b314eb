"""What has to hold after the deploys that were killed and recovered, wherever the state lies."""

from __future__ import annotations

from constructs.checks.synthesized import SynthesizedStack

from tests.ops.killed import KilledWaves
from tests.ops.operated import Operated
from tests.ops.undisturbed import undisturbed
from tests.security.secret_scan import leaks
from tests.terraform.account import secret_values
from tests.terraform.interruptions_waves import each_wave, lines_twice


class EndsUndisturbed:
    """Tests of the end; whoever inherits them has the fixtures `killed` and `deployed`."""

    @each_wave
    def test_afterwards_the_state_knows_everything(self, killed: KilledWaves, wave: int) -> None:
        """After `recover` nothing exists that no state knows."""
        assert killed[wave].left == frozenset()

    def test_the_end_is_that_of_an_undisturbed_deploy(self, deployed: Operated) -> None:
        """Nothing is lost and nothing is there twice: the account holds what a deploy makes that nobody disturbs."""
        inventory = deployed.inventory()
        assert lines_twice(inventory) == []
        assert inventory == undisturbed()
        stack = SynthesizedStack.read(deployed.workspace.stack)
        managed = [address for address in stack.addresses if not address.startswith("ephemeral.")]
        assert sorted(deployed.workspace.addresses()) == managed
        assert deployed.workspace.plan().returncode == 0

    def test_no_secret_is_in_the_state(self, deployed: Operated) -> None:
        """No version of any secret, the ones from before the kills included, stands in the state in any encoding."""
        values = secret_values(deployed.aws)
        assert leaks(values, {"state": deployed.state()}) == []

    def test_the_database_accepts_what_is_stored(self, deployed: Operated) -> None:
        """The password in Secrets Manager is the database's, whichever kill came between the two."""
        assert deployed.passwords_differ() == []
