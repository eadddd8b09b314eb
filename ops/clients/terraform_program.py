"""Which program works on the stacks: Terraform, or OpenTofu, by the variable that cdktf has for it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath

from ops.console.errors import OperationError
from ops.console.exit_codes import ExitCode

#: Name or path of the program; unset: terraform. cdktf obeys it, too.
VARIABLE = "TERRAFORM_BINARY_NAME"
#: Write-only arguments, which keep secrets out of the state, are of this version in both.
OLDEST = (1, 11, 0)
#: Where each finds a provider that has no host in its address, as the state then names it.
TERRAFORM_REGISTRY, OPENTOFU_REGISTRY = "registry.terraform.io", "registry.opentofu.org"


@dataclass(frozen=True)
class TerraformProgram:
    """The program, as somebody chose it."""

    command: str = "terraform"
    """Its name, looked for on PATH, or its path."""

    @classmethod
    def chosen(cls, environ: Mapping[str, str]) -> TerraformProgram:
        """The one that TERRAFORM_BINARY_NAME names; Terraform where it is unset or empty."""
        return cls(environ.get(VARIABLE) or "terraform")

    @property
    def name(self) -> str:
        """What it is called without its folder: `terraform`, `tofu`."""
        return PurePath(self.command).name

    @property
    def is_opentofu(self) -> bool:
        """Whether it is OpenTofu, by its name."""
        return "tofu" in self.name.casefold()

    @property
    def title(self) -> str:
        """Its name for people."""
        return "OpenTofu" if self.is_opentofu else "Terraform"

    @property
    def registry(self) -> str:
        """The host in a provider's address in the state."""
        return OPENTOFU_REGISTRY if self.is_opentofu else TERRAFORM_REGISTRY

    @property
    def advice(self) -> str:
        """How to get it."""
        if self.is_opentofu:
            return f"install OpenTofu 1.11 or newer: https://opentofu.org/docs/intro/install, or unset {VARIABLE}"
        return "install Terraform 1.11 or newer: https://developer.hashicorp.com/terraform/install"

    def find(self, environ: Mapping[str, str]) -> str:
        """Return its path.

        Raises:
            OperationError: it is not on PATH.
        """
        found = shutil.which(self.command, path=environ.get("PATH"))
        if not found:
            said = "" if self.command == "terraform" else f" ({VARIABLE} is {self.command})"
            raise OperationError(f"{self.title} is not on PATH{said}.", fix=self.advice, exit_code=ExitCode.MISTAKE)
        return found
