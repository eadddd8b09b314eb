"""Finds Terraform, its providers and cdktf on this machine."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from constructs.providers.demanded import PROVIDERS, required_providers

from ops.clients.terraform_program import OPENTOFU_REGISTRY, TERRAFORM_REGISTRY, VARIABLE, TerraformProgram
from ops.console.errors import OperationError

ROOT = Path(__file__).resolve().parents[2]

#: Folders that may hold providers where no registry is reached: what TERRAFORM_PROVIDER_MIRROR names, else those of the
#: caller's own CLI configuration, then Terraform's places for it, then the one of the machines that this project is
#: built on.
MIRRORS = (
    "~/.terraform.d/plugins",
    "~/.local/share/terraform/plugins",
    "/usr/local/share/terraform/plugins",
    "/usr/share/terraform/plugins",
    "/opt/tf-plugins",
)
NAMESPACE = f"{TERRAFORM_REGISTRY}/hashicorp"
#: Version of a provider instead of the proven one, such as AWS_PROVIDER_VERSION=6.25.0.
VERSION_VARIABLE = "{name}_PROVIDER_VERSION"

_MIRROR_BLOCK = re.compile(r'filesystem_mirror\s*\{[^}]*?\bpath\s*=\s*"([^"]+)"')


class MissingToolError(Exception):
    """A program isn't on this machine; the message says which and how it is found."""


@dataclass(frozen=True)
class Toolchain:
    """Paths of the programs, the providers' versions, and the mirrors that they come from, if there are some."""

    terraform: str
    versions: Mapping[str, str]
    """Provider -> the version that is taken here, wherever it comes from: the proven one, or what a variable says."""

    mirrors: Mapping[str, Path]
    """Provider -> folder that holds that version; one that is not among them is Terraform's to install."""

    synthesized: Path | None = None
    """Folder of what was synthesized before; without one everything is synthesized each time."""

    @classmethod
    def find(cls, environ: Mapping[str, str]) -> Toolchain:
        """Look for Terraform by PATH and for the providers in the mirrors.

        Raises:
            MissingToolError: there is no Terraform, or no such program as TERRAFORM_BINARY_NAME names.
        """
        program = TerraformProgram.chosen(environ)
        try:
            terraform = program.find(environ)
        except OperationError as missing:
            raise MissingToolError(missing.message) from missing
        named = environ.get("TERRAFORM_PROVIDER_MIRROR")
        folders = [named] if named else [*_configured_mirrors(environ), *MIRRORS]
        candidates = [Path(folder).expanduser() for folder in folders]
        versions = {
            name: environ.get(VERSION_VARIABLE.format(name=name.upper())) or provider.proven
            for name, provider in PROVIDERS.items()
        }
        found = {
            name: next((folder for folder in candidates if _holds(folder / NAMESPACE / name, version)), None)
            for name, version in versions.items()
        }
        return cls(terraform, versions, {name: folder for name, folder in found.items() if folder})

    def required_providers(self, stack: str) -> dict[str, dict[str, str]]:
        """`required_providers` of an override file for a stack."""
        return required_providers(stack, self.versions)

    def environment(self, inherited: Mapping[str, str], scratch: Path) -> dict[str, str]:
        """Variables for cdktf and Terraform: quiet, without questions, with the mirrors in their configuration."""
        paths = [str(ROOT / ".venv" / "bin"), str(ROOT / "node_modules" / ".bin"), str(Path(sys.executable).parent)]
        variables = {
            **inherited,
            "PATH": os.pathsep.join([*paths, str(Path(self.terraform).parent), inherited.get("PATH", "")]),
            VARIABLE: self.terraform,
            "CI": "1",
            "CHECKPOINT_DISABLE": "1",
            "DISABLE_VERSION_CHECK": "1",
            "TF_IN_AUTOMATION": "1",
            # Every command reads the provider's large schema anew; less garbage collection spares a fifth of its work.
            "GOGC": "400",
            # Without certificates between Terraform and the provider, as the SDK's own tests do it.
            "TF_DISABLE_PLUGIN_TLS": "1",
        }
        if self.mirrors:
            configuration = scratch / "terraform.rc"
            configuration.write_text(_configuration(self._mirrors_by_address(scratch)), encoding="utf-8")
            variables["TF_CLI_CONFIG_FILE"] = str(configuration)
            # A cache, as cdktf keeps one in HOME, tells packages apart by their version alone: it would hand ours to
            # others, and theirs to us.
            variables["CDKTF_DISABLE_PLUGIN_CACHE_ENV"] = "1"
            variables.pop("TF_PLUGIN_CACHE_DIR", None)
        return variables

    def _mirrors_by_address(self, scratch: Path) -> dict[str, Path]:
        """Address of a provider, as the program makes it of `hashicorp/aws` -> mirror that has it under that address.

        The providers are the same files in both registries; a mirror that has Terraform's is linked for OpenTofu.
        """
        program = TerraformProgram(self.terraform)
        if not program.is_opentofu:
            return {f"{NAMESPACE}/{name}": folder for name, folder in self.mirrors.items()}
        mirror = scratch / "mirror"
        namespace = f"{OPENTOFU_REGISTRY}/hashicorp"
        for name, folder in self.mirrors.items():
            # It follows links to a package alone, unpacked in <version>/<platform> or packed, not to what is above.
            packages = [
                *(folder / NAMESPACE / name).glob("*/*_*"),
                *(folder / NAMESPACE / name).glob("terraform-provider-*.zip"),
            ]
            for package in packages:
                link = mirror / namespace / name / package.relative_to(folder / NAMESPACE / name)
                link.parent.mkdir(parents=True, exist_ok=True)
                if not link.is_symlink():
                    link.symlink_to(package)
        return {f"{namespace}/{name}": mirror for name in self.mirrors}


def _holds(folder: Path, version: str) -> bool:
    """Whether a provider's folder in a mirror has a version, unpacked or as Terraform's registry packs it."""
    return (folder / version).is_dir() or any(folder.glob(f"terraform-provider-*_{version}_*.zip"))


def _configured_mirrors(environ: Mapping[str, str]) -> list[str]:
    configuration = Path(environ.get("TF_CLI_CONFIG_FILE", ""))
    return _MIRROR_BLOCK.findall(configuration.read_text(encoding="utf-8")) if configuration.is_file() else []


def _configuration(mirrors: Mapping[str, Path]) -> str:
    blocks = [
        f'  filesystem_mirror {{\n    path    = "{folder}"\n    include = ["{address}"]\n  }}\n'
        for address, folder in mirrors.items()
    ]
    excluded = ", ".join(f'"{address}"' for address in mirrors)
    direct = f"  direct {{\n    exclude = [{excluded}]\n  }}\n"
    return "provider_installation {\n" + "".join(blocks) + direct + "}\ndisable_checkpoint = true\n"
