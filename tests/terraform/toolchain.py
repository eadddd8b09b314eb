"""Finds Terraform, its providers and cdktf on this machine."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

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
NAMESPACE = "registry.terraform.io/hashicorp"
PROVIDERS = ("aws", "helm", "kubernetes")

_MIRROR_BLOCK = re.compile(r'filesystem_mirror\s*\{[^}]*?\bpath\s*=\s*"([^"]+)"')


class MissingToolError(Exception):
    """A program isn't on this machine; the message says which and how it is found."""


@dataclass(frozen=True)
class Toolchain:
    """Paths of the programs, and the mirrors that providers come from, if there are some."""

    terraform: str
    mirrors: Mapping[str, Path]
    """Provider -> folder that holds it; one that is not among them is Terraform's to install."""

    @classmethod
    def find(cls, environ: Mapping[str, str]) -> Toolchain:
        """Look for Terraform by PATH and for the providers in the mirrors.

        Raises:
            MissingToolError: there is no Terraform.
        """
        terraform = shutil.which("terraform", path=environ.get("PATH"))
        if not terraform:
            raise MissingToolError("Terraform is not on PATH.")
        named = environ.get("TERRAFORM_PROVIDER_MIRROR")
        folders = [named] if named else [*_configured_mirrors(environ), *MIRRORS]
        candidates = [Path(folder).expanduser() for folder in folders]
        found = {name: next((f for f in candidates if (f / NAMESPACE / name).is_dir()), None) for name in PROVIDERS}
        return cls(terraform, {name: folder for name, folder in found.items() if folder})

    @property
    def aws_version(self) -> str | None:
        """The newest version of the AWS provider in the mirror; None where Terraform installs the stack's own."""
        return self.version("aws")

    def version(self, provider: str) -> str | None:
        """The newest version of a provider in its mirror; None where Terraform installs the stack's own."""
        if provider not in self.mirrors:
            return None
        folder = self.mirrors[provider] / NAMESPACE / provider
        versions = [path.name for path in folder.iterdir() if re.fullmatch(r"[\d.]+", path.name)]
        return max(versions, key=lambda version: [int(part) for part in version.split(".")])

    def required_providers(self, providers: Iterable[str]) -> dict[str, dict[str, str]]:
        """`required_providers` of an override file: those that come from a mirror, in the version that it has."""
        return {
            name: {"source": f"hashicorp/{name}", "version": version}
            for name in providers
            if (version := self.version(name))
        }

    def environment(self, inherited: Mapping[str, str], scratch: Path) -> dict[str, str]:
        """Variables for cdktf and Terraform: quiet, without questions, with the mirrors in their configuration."""
        paths = [str(ROOT / ".venv" / "bin"), str(ROOT / "node_modules" / ".bin"), str(Path(sys.executable).parent)]
        variables = {
            **inherited,
            "PATH": os.pathsep.join([*paths, str(Path(self.terraform).parent), inherited.get("PATH", "")]),
            "CI": "1",
            "CHECKPOINT_DISABLE": "1",
            "DISABLE_VERSION_CHECK": "1",
            "TF_IN_AUTOMATION": "1",
            # Every command reads the provider's large schema anew; less garbage collection spares a fifth of its work.
            "GOGC": "400",
        }
        if self.mirrors:
            configuration = scratch / "terraform.rc"
            configuration.write_text(_configuration(self.mirrors), encoding="utf-8")
            variables["TF_CLI_CONFIG_FILE"] = str(configuration)
        return variables


def _configured_mirrors(environ: Mapping[str, str]) -> list[str]:
    configuration = Path(environ.get("TF_CLI_CONFIG_FILE", ""))
    return _MIRROR_BLOCK.findall(configuration.read_text(encoding="utf-8")) if configuration.is_file() else []


def _configuration(mirrors: Mapping[str, Path]) -> str:
    blocks = [
        f'  filesystem_mirror {{\n    path    = "{folder}"\n    include = ["{NAMESPACE}/{name}"]\n  }}\n'
        for name, folder in mirrors.items()
    ]
    excluded = ", ".join(f'"{NAMESPACE}/{name}"' for name in mirrors)
    direct = f"  direct {{\n    exclude = [{excluded}]\n  }}\n"
    return "provider_installation {\n" + "".join(blocks) + direct + "}\ndisable_checkpoint = true\n"
