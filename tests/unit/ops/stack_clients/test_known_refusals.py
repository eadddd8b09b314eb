"""What is said where Terraform refuses a provider, or what is left in its folder."""

from __future__ import annotations

import pytest

from ops.stack_clients.known_refusals import MEANINGS
from ops.stack_clients.terraform import failure

#: As Terraform 1.11.4 said it of a state with flow logs of AWS provider 6.25, to provider 5.100.
NEWER = """
Error: Resource instance managed by newer provider version

The current state of aws_flow_log.cluster was created by a newer provider
version than is currently selected. Upgrade the aws provider to work with
this state.
"""
#: As it said of a package that had been changed.
CHANGED = """
╷
│ Error: Failed to install provider
│
│ Error while installing hashicorp/aws v5.100.0: the local package for
│ registry.terraform.io/hashicorp/aws 5.100.0 doesn't match any of the
│ checksums previously recorded in the dependency lock file (this might be
│ because the available checksums are for packages targeting different
│ platforms); for more information: https://developer.hashicorp.com/
╵
"""
NOWHERE = """
Error: Failed to query available provider packages

Could not retrieve the list of available versions for provider hashicorp/aws:
no available releases match the given constraints 6.25.0
"""

#: As Terraform 1.11.4 said it of a state that names the providers of OpenTofu's registry, where that isn't reached.
OF_OPENTOFU = """
Error: Failed to query available provider packages

Could not retrieve the list of available versions for provider
registry.opentofu.org/hashicorp/aws: provider
registry.opentofu.org/hashicorp/aws was not found in any of the search
locations
"""

#: As OpenTofu 1.11.5 said it of a folder that lacks its provider: it names its own registry, too.
OPENTOFU_S_OWN = """
Error: Failed to query available provider packages

Could not retrieve the list of available versions for provider hashicorp/aws:
provider registry.opentofu.org/hashicorp/aws was not found in any of the
search locations
"""


#: As OpenTofu 1.11.5 said it in a folder in which Terraform had prepared the same backend.
OTHER_BACKEND = """
Initializing the backend...

Error: Backend configuration changed

A change in the backend configuration has been detected, which may require
migrating existing state.

If you wish to attempt automatic migration of the state, use "tofu init
-migrate-state".
If you wish to store the current configuration with no changes to the state,
use "tofu init -reconfigure".
"""


class TestMeanings:
    @pytest.mark.parametrize(
        ("said", "means", "fix"),
        [
            (NEWER, "written with a newer provider than the environment file demands", 'providers: {aws: "6.25.0"}'),
            (CHANGED, "another package than the environment's lock file records", "ops lock-providers --platform"),
            (NOWHERE, "there is none in the version that the environment file demands", "see `providers`"),
            (OF_OPENTOFU, "OpenTofu has written this state", "TERRAFORM_BINARY_NAME=tofu"),
            (OTHER_BACKEND, "of another place of the state, or of the other program", "rm -r cdktf.out/<environment>"),
        ],
        ids=["newer", "changed", "nowhere", "of OpenTofu", "other backend"],
    )
    def test_terraform_s_words_stay_and_are_explained(self, said: str, means: str, fix: str) -> None:
        """Its own error first, then what it means here and which line of which file mends it."""
        error = failure(("plan",), 1, said, "infrastructure")
        assert error.message.startswith("terraform plan ended with exit code 1:\n")
        assert "Error: " in error.message
        assert means in error.message.splitlines()[-1]
        assert fix in error.fix

    def test_each_has_its_case_here(self) -> None:
        """A meaning that no output of Terraform's has would never be told."""
        said = (NEWER, CHANGED, NOWHERE, OF_OPENTOFU, OTHER_BACKEND)
        texts = [" ".join(text.replace("│", " ").split()) for text in said]
        assert all(any(meaning.said in text for text in texts) for meaning in MEANINGS)

    def test_other_errors_are_left_alone(self) -> None:
        """What is not about a provider gets no advice on one."""
        assert failure(("plan",), 1, "Error: Invalid reference\n", "platform").fix == ""
        assert failure(("init",), 1, OPENTOFU_S_OWN, "platform", "tofu").fix == ""
