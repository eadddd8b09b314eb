"""Ranges of addresses that grow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network
from typing import Any

from ops.dangers.resource_change import ResourceChange
from ops.dangers.rules import Rule, first, members
from ops.plan_report.danger import Danger, Kind, danger

Network = IPv4Network | IPv6Network


def opened(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """Return of `after` what no range of `before` holds, the widest first; what is no range counts by its text."""
    known = _collapsed(before)
    new = [text for text in after if text not in before and not _within(text, known)]
    return sorted(new, key=lambda text: (-_size(text), text))


def whole_internet(ranges: Sequence[str]) -> bool:
    """Whether they are, together, every address there is."""
    return any(network.prefixlen == 0 for network in _collapsed(ranges))


def widened(path: str, what: str, *, absent: tuple[str, ...] = ()) -> Rule:
    """Ranges that `what` is reached from and was not; `absent` is what the service takes where there are none."""

    def rule(change: ResourceChange) -> Iterator[Danger]:
        before = _ranges(change.was(path), absent) if change.before else []
        yield from grown(what, before, _ranges(change.becomes(path), absent) if change.after else [])

    return rule


def grown(what: str, before: list[str], after: list[str]) -> Iterator[Danger]:
    """The danger of ranges that grow from `before` to `after`; none where they don't."""
    if new := opened(before, after):
        said = "the whole Internet" if whole_internet(after) else "more addresses" if before else "outside"
        yield danger(Kind.OPENS, f"{what} {said}", before, first(new, after))


def _ranges(value: Any, absent: tuple[str, ...]) -> list[str]:
    return members(value) or list(absent)


def _network(text: str) -> Network | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def _collapsed(ranges: Sequence[str]) -> list[Network]:
    networks = [network for network in map(_network, ranges) if network]
    four = [network for network in networks if isinstance(network, IPv4Network)]
    six = [network for network in networks if isinstance(network, IPv6Network)]
    return [*collapse_addresses(four), *collapse_addresses(six)]


def _within(text: str, known: Sequence[Network]) -> bool:
    network = _network(text)
    if isinstance(network, IPv4Network):
        return any(isinstance(wider, IPv4Network) and network.subnet_of(wider) for wider in known)
    if isinstance(network, IPv6Network):
        return any(isinstance(wider, IPv6Network) and network.subnet_of(wider) for wider in known)
    return False


def _size(text: str) -> float:
    """Share of all addresses; what is no range, a security group for one, is small."""
    network = _network(text)
    return 2.0**-network.prefixlen if network else 0.0
