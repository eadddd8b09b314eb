"""What a stack publishes, for people who copy it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from constructs.checks.synthesized import SynthesizedStack

from ops.state.reading import StackState


@dataclass(frozen=True, kw_only=True)
class Output:
    """One output."""

    stack: str
    name: str
    description: str
    value: str = ""
    """As the state has it; empty where it has none, and of a sensitive one."""

    sensitive: bool = False

    @property
    def is_address(self) -> bool:
        """Whether a browser opens it."""
        return self.value.startswith(("https://", "http://")) and not set(self.value) & set(' "<>')


def outputs(stack: SynthesizedStack, state: StackState | None) -> list[Output]:
    """Return the outputs that a stack declares or its state has, by name; a sensitive one is named and never read."""
    declared: Mapping[str, Mapping[str, Any]] = stack.document.get("output", {})
    values = {} if state is None else state.outputs
    hidden = {name for name, body in declared.items() if body.get("sensitive")} | (state.sensitive if state else set())
    return [
        Output(
            stack=stack.name,
            name=name,
            description=str(declared.get(name, {}).get("description", "")),
            value="" if name in hidden else _text(values.get(name)),
            sensitive=name in hidden,
        )
        for name in sorted({*declared, *values})
    ]


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    return value if isinstance(value, str) else json.dumps(value)
