"""Why Terraform refuses a provider or the folder that it works in, in words that say what mends it."""

from __future__ import annotations

from dataclasses import dataclass

from constructs.providers.lock_file import RENEW

from ops.console.errors import OperationError
from ops.console.pages import Page


@dataclass(frozen=True)
class Meaning:
    """One of Terraform's refusals."""

    said: str
    """Words of Terraform's that no other error has."""

    means: str
    fix: str
    page: Page


MEANINGS = (
    Meaning(
        # Terraform's alone: each program leaves out its own registry where it names what it looked for.
        "available versions for provider registry.opentofu.org/hashicorp/",
        "OpenTofu has written this state, and it names the providers of OpenTofu's registry. Terraform takes them for "
        "others, and wants them too.",
        "go on with OpenTofu (TERRAFORM_BINARY_NAME=tofu); or, to come back to Terraform, have the state name "
        "Terraform's",
        Page.OPENTOFU,
    ),
    Meaning(
        "any of the checksums previously recorded in the dependency lock file",
        "That is another package than the environment's lock file records, the .lock.hcl beside the environment file: "
        "one for a platform that it does not have, or one that somebody has changed.",
        f"if the platform is new: {RENEW} --platform ..., with those that it has; else find out where the package is "
        "from",
        Page.PROVIDER_VERSIONS,
    ),
    Meaning(
        "managed by newer provider version",
        "The state was written with a newer provider than the environment file demands, and there is no way back. "
        "Until November 2026 this project demanded AWS provider 6.25.0.",
        'write into the environment file which version wrote it, such as providers: {aws: "6.25.0"}',
        Page.PROVIDER,
    ),
    Meaning(
        "no available releases match",
        "Where Terraform looks for providers there is none in the version that the environment file demands.",
        "see `providers` in the environment file, and provider_installation in Terraform's CLI configuration",
        Page.PROVIDER_VERSIONS,
    ),
    Meaning(
        "Backend configuration changed",
        "What an earlier `init` has left in the folder of the stack is of another place of the state, or of the other "
        "program: Terraform and OpenTofu each take the other's for a change.",
        "if the program is another one than before: rm -r cdktf.out/<environment>, which holds no state, then run the "
        "command again; if the state is to move: make deploy ARGS=--migrate-state; else put `state` in the environment "
        "file back as it was",
        Page.STATE,
    ),
)


def explained(error: OperationError, output: str) -> OperationError:
    """Return the error with what it means and what to do, where Terraform's output is one of these refusals."""
    words = " ".join(output.replace("│", " ").split())
    for meaning in MEANINGS:
        if meaning.said in words:
            return OperationError(
                f"{error.message}\n{meaning.means}", fix=meaning.fix, page=meaning.page, exit_code=error.exit_code
            )
    return error
