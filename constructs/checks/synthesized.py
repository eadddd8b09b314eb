"""Reading synthesized stacks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

#: Block of the JSON -> how the addresses of what is in it begin.
PREFIXES: Mapping[str, str] = {"resource": "", "data": "data.", "ephemeral": "ephemeral."}


@dataclass(frozen=True)
class SynthesizedStack:
    """The JSON of one stack."""

    name: str
    text: str

    @classmethod
    def read(cls, folder: Path) -> SynthesizedStack:
        """Read the stack in `folder` (`cdktf.out/<environment>/stacks/<name>`)."""
        return cls(folder.name, (folder / "cdk.tf.json").read_text(encoding="utf-8"))

    @cached_property
    def document(self) -> dict[str, Any]:
        """The parsed JSON."""
        parsed: dict[str, Any] = json.loads(self.text)
        return parsed

    def resources(self, terraform_type: str) -> dict[str, dict[str, Any]]:
        """Name -> arguments of all resources of a type."""
        found: dict[str, dict[str, Any]] = self.document.get("resource", {}).get(terraform_type, {})
        return found

    @property
    def declared(self) -> list[str]:
        """Addresses of the resources, in the order of the JSON."""
        return [f"{kind}.{name}" for kind, named in self.document.get("resource", {}).items() for name in named]

    @cached_property
    def blocks(self) -> Mapping[str, dict[str, Any]]:
        """Address -> body of everything in the stack, data sources as Terraform writes them (`data.<type>.<name>`)."""
        return {
            f"{prefix}{terraform_type}.{name}": body
            for block, prefix in PREFIXES.items()
            for terraform_type, named in self.document.get(block, {}).items()
            for name, body in named.items()
        }

    @cached_property
    def addresses(self) -> list[str]:
        """Addresses of everything in the stack, sorted."""
        return sorted(self.blocks)


def texts(value: object, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield path and text of every string; positions in lists are left out."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from texts(inner, (*above, str(key)))
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner, above)
    elif isinstance(value, str):
        yield above, value
