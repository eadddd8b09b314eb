"""Reading synthesized stacks."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any


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
    def addresses(self) -> list[str]:
        """Addresses of everything in the stack, data sources as Terraform writes them (`data.<type>.<name>`)."""
        blocks = {"": "resource", "data.": "data", "ephemeral.": "ephemeral"}
        return sorted(
            f"{prefix}{terraform_type}.{name}"
            for prefix, block in blocks.items()
            for terraform_type, named in self.document.get(block, {}).items()
            for name in named
        )
