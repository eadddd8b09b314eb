"""What the stack declares, as far as the search for children needs it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from constructs.checks.synthesized import SynthesizedStack

_REFERENCE = re.compile(r"\$\{(?P<type>\w+)\.(?P<name>\w+)\.(?P<attribute>\w+)\}")


@dataclass(frozen=True)
class Declared:
    """The stack, with the objects that its references stand for in the account."""

    stack: SynthesizedStack
    objects: Mapping[str, frozenset[str]]
    """Address -> import IDs of all objects that bear it, recorded or found: more than one after a second creation."""

    def each(self, terraform_type: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Address and arguments of each resource of a type."""
        for name, arguments in self.stack.resources(terraform_type).items():
            yield f"{terraform_type}.{name}", arguments

    def values(self, argument: str) -> list[str]:
        """What an argument may stand for in AWS: itself, the argument that it refers to, or the objects it refers to.

        Empty where what it refers to doesn't exist.
        """
        reference = _REFERENCE.fullmatch(argument)
        if reference is None:
            return [argument]
        referred = self.stack.resources(reference["type"]).get(reference["name"], {})
        if isinstance(literal := referred.get(reference["attribute"]), str):
            return self.values(literal)
        return sorted(self.objects.get(f"{reference['type']}.{reference['name']}", ()))
