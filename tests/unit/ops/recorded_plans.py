"""Plans for the tests: recorded ones, and made-up ones in the shape of `terraform show -json`."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "plans"


def recorded(name: str) -> dict[str, Any]:
    """A plan of real Terraform's, by the name of its file."""
    document: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return document


def synthesized(name: str) -> dict[str, Any]:
    """The JSON of the stack that was planned, its resources and providers."""
    document: dict[str, Any] = json.loads((FOLDER / f"{name}.stack.json").read_text(encoding="utf-8"))
    return document


def resource(address: str, *actions: str, **change: Any) -> dict[str, Any]:
    """One entry of `resource_changes`."""
    kind = address.partition(".")[0]
    return {"address": address, "type": kind, "mode": "managed", "change": {"actions": list(actions), **change}}


def plan_of(*resources: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """A plan with these resources."""
    return {"resource_changes": list(resources), **parts}


def many(number: int) -> dict[str, Any]:
    """The recorded replacement of the database, its resources repeated under new addresses until there are `number`."""
    document = recorded("database-replaced")
    changing = [entry for entry in document["resource_changes"] if entry["change"]["actions"] != ["no-op"]]
    repeated = []
    for count in range(number):
        entry = deepcopy(changing[count % len(changing)])
        entry["address"] = f"{entry['address']}_{count}"
        repeated.append(entry)
    return {**document, "resource_changes": repeated, "resource_drift": []}
