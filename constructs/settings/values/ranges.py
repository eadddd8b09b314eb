"""Ranges of IPv4 addresses in CIDR notation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Network, NetmaskValueError, collapse_addresses

from constructs.settings.document.problems import printable
from constructs.settings.values.shapes import mistake
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

#: RFC 1918, and RFC 6598's shared range where AWS takes that as private too.
PRIVATE = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
SHARED = IPv4Network("100.64.0.0/10")
#: A range of clients with a shorter prefix is as good as the whole Internet: /7 holds 33 million addresses.
SHORTEST_NAMED_PREFIX = 8


@dataclass(frozen=True)
class Cidr:
    """An IPv4 range whose prefix length lies between `shortest` (the largest range) and `longest`."""

    shortest: int
    longest: int
    inside: tuple[IPv4Network, ...] = ()
    example: str = "10.0.0.0/16"

    @property
    def allowed(self) -> str:
        """The rule in words."""
        places = f" inside {', '.join(map(str, self.inside))}" if self.inside else ""
        return (
            f"an IPv4 range{places}, /{self.shortest} (largest) to /{self.longest} (smallest), such as {self.example}"
        )

    def check(self, value: object) -> str:
        """Return `value` if it is such a range."""
        if not isinstance(value, str) or "/" not in value:
            raise mistake(allowed=self.allowed, fix=f"write the range with its prefix length, such as {self.example}")
        try:
            network = IPv4Network(value, strict=False)
        except (AddressValueError, NetmaskValueError, ValueError) as error:
            raise mistake(
                allowed=self.allowed, fix=f"write a range such as {self.example}", note=printable(str(error))
            ) from error
        if str(network) != value:
            raise mistake(allowed=self.allowed, fix=f"write {network}", note="not the range's first address")
        if not self.shortest <= network.prefixlen <= self.longest:
            too = "too small" if network.prefixlen > self.longest else "too large"
            prefix = min(max(network.prefixlen, self.shortest), self.longest)
            raise mistake(allowed=self.allowed, fix=f"use a /{prefix}", note=too)
        if self.inside and not any(network.subnet_of(private) for private in self.inside):
            raise mistake(
                allowed=self.allowed, fix=f"use private addresses, such as {self.example}", note="not private"
            )
        return value

    def __get_pydantic_core_schema__(self, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check with `check` alone."""
        return core_schema.no_info_plain_validator_function(
            self.check, serialization=core_schema.to_string_ser_schema()
        )

    def __get_pydantic_json_schema__(self, _core: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe the range to an editor."""
        lengths = "|".join(map(str, range(self.shortest, self.longest + 1)))
        return {"type": "string", "pattern": rf"^([0-9]{{1,3}}\.){{3}}[0-9]{{1,3}}/({lengths})$"}


def refuse_slices(cidrs: Sequence[str], *, setting: str) -> None:
    """Raise a mistake if ranges that are narrow each are together as wide as one that has to be said in so many words.

    Private ranges don't count: what is in them isn't the Internet.
    """
    public = [
        network
        for network in collapse_addresses(map(IPv4Network, cidrs))
        if not any(network.subnet_of(private) for private in (*PRIVATE, SHARED))
    ]
    together = sum(network.num_addresses for network in public)
    if together >= 2 ** (32 - SHORTEST_NAMED_PREFIX + 1):
        raise mistake(
            allowed=f"ranges that together hold fewer addresses than a /{SHORTEST_NAMED_PREFIX - 1}; more only where "
            f"{setting}: true says so",
            fix="name your own ranges, such as 203.0.113.0/24; or add open_to_the_internet: true",
            note=f"open to the Internet: {together:,} addresses together",
        )


def refuse_overlap(cidr: str, others: Mapping[str, str | None]) -> None:
    """Raise a mistake if the range overlaps one of `others` (key path to range, `None` where unknown)."""
    clashes = [
        f"{name}, {other}" for name, other in others.items() if other and IPv4Network(cidr).overlaps(IPv4Network(other))
    ]
    if clashes:
        raise mistake(
            allowed=f"a range that shares no address with {' or '.join(others)}",
            fix="move one of them: they are routed to each other",
            note=f"overlaps {' and '.join(clashes)}",
        )
