"""Which providers there are, where Terraform finds them, and which versions of them the stacks demand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from constructs.versions.table import Part, part


@dataclass(frozen=True, kw_only=True)
class Provider:
    """One provider."""

    name: str

    @property
    def part(self) -> Part:
        """What the table of versions knows of it."""
        return part(f"{self.name}-provider")

    @property
    def proven(self) -> str:
        """The version on which the whole cycle has run; demanded unless the environment file says another."""
        return self.part.tested[0]

    @property
    def source(self) -> str:
        """Its address without a host: Terraform and OpenTofu each add the registry that is theirs."""
        return f"hashicorp/{self.name}"


AWS = Provider(name="aws")
HELM = Provider(name="helm")
KUBERNETES = Provider(name="kubernetes")

PROVIDERS: Mapping[str, Provider] = {provider.name: provider for provider in (AWS, HELM, KUBERNETES)}

#: Stack -> the providers that it demands.
OF_STACK: Mapping[str, tuple[Provider, ...]] = {
    "infrastructure": (AWS,),
    "platform": (AWS, HELM, KUBERNETES),
    "bootstrap": (AWS,),
}


def required_providers(stack: str, versions: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return Terraform's `required_providers` of a stack; `versions` has the version of each provider by its name."""
    return {
        provider.name: {"source": provider.source, "version": versions[provider.name]} for provider in OF_STACK[stack]
    }
