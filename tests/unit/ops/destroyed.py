"""States as a destroy finds them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ops.state.location import StateFile
from ops.state.reading import StackState, parse_state


def recorded(*objects: tuple[str, dict[str, Any] | None], version: int = 4) -> str:
    """Text of a state that holds objects: address and attributes."""
    resources = [
        {"mode": "managed", "type": kind, "name": name, "instances": [{"attributes": attributes}]}
        for (kind, _, name), attributes in ((address.partition("."), attributes) for address, attributes in objects)
    ]
    return json.dumps({"version": version, "terraform_version": "2.0.0", "resources": resources, "outputs": {}})


def state(*objects: tuple[str, dict[str, Any] | None]) -> StackState:
    """The same, read."""
    return parse_state("infrastructure", StateFile(Path("state")), recorded(*objects))
