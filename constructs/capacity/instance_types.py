"""EC2 instance types as data: processors, memory, addresses. `python -m tooling.instance_types` writes the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("instance_types.csv")
COLUMNS = ("type", "vcpus", "memory_mib", "interfaces", "addresses", "nitro")
#: The lines before the first type: where it comes from, and the columns.
HEAD = 2


@dataclass(frozen=True)
class InstanceType:
    """What EC2 says of a type."""

    name: str
    vcpus: int
    memory_mib: int
    interfaces: int
    """Network interfaces that it can have."""

    addresses: int
    """IPv4 addresses that each of them can have."""

    nitro: int = 1
    """1 on the Nitro system, whose interfaces take ranges of addresses, too; 0 on Xen."""


def instance_type(name: str) -> InstanceType | None:
    """Return a type, or None for one that is newer than the table."""
    _, found, rest = _text().partition(f"\n{name},")
    return _parsed(f"{name}," + rest.partition("\n")[0]) if found else None


@cache
def known_types() -> Mapping[str, InstanceType]:
    """Return all types of the table, by name."""
    return {kind.name: kind for kind in map(_parsed, _text().splitlines()[HEAD:])}


def source() -> str:
    """Where the table comes from, and of what day it is."""
    return _text().partition("\n")[0].removeprefix("# ")


@cache
def _text() -> str:
    return TABLE.read_text(encoding="utf-8")


def _parsed(line: str) -> InstanceType:
    name, *numbers = line.split(",")
    return InstanceType(name, *map(int, numbers))
