"""Network policies as the stack has them: whom their rules name, and at which ports these are let through."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any, Literal

#: Numbers and protocols; None: every port.
Ports = frozenset[tuple[int, str]] | None

_SIDES: Mapping[str, str] = {"egress": "to", "ingress": "from"}


@dataclass(frozen=True)
class Block:
    """A range, less what is excepted."""

    cidr: IPv4Network
    but: tuple[IPv4Network, ...] = ()

    def touches(self, networks: Iterable[IPv4Network]) -> bool:
        """Whether an address of these networks is in it."""
        common = (each if each.subnet_of(self.cidr) else self.cidr for each in networks if each.overlaps(self.cidr))
        return any(self._is_kept(each) for each in common)

    def holds(self, networks: Iterable[IPv4Network]) -> bool:
        """Whether these networks are in it, small exceptions within them aside."""
        return all(each.subnet_of(self.cidr) and self._is_kept(each) for each in networks)

    def _is_kept(self, network: IPv4Network) -> bool:
        return not any(network.subnet_of(each) for each in self.but)


@dataclass(frozen=True)
class Peer:
    """Whom an entry of `to` or `from` names."""

    block: Block | None
    """Addresses; None where pods are named."""

    labels: Mapping[str, str]
    """Those of the pods; none: all pods."""

    elsewhere: bool
    """Whether pods of other namespaces than the policy's are named, too."""

    namespace: str | None
    """The only other namespace, if there is one."""

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> Peer:
        """Read it."""
        block, namespaces = entry.get("ip_block"), entry.get("namespace_selector")
        return cls(
            Block(IPv4Network(block["cidr"]), tuple(map(IPv4Network, block.get("except", ())))) if block else None,
            entry.get("pod_selector", {}).get("match_labels", {}),
            namespaces is not None,
            next(iter((namespaces or {}).get("match_labels", {}).values()), None),
        )

    @property
    def name(self) -> str:
        """What pods of other namespaces are called: as their label says."""
        return next(iter(self.labels.values()), f"pods of {self.namespace}" if self.namespace else "any pod")

    def is_pod(self, component: str) -> bool:
        """Whether it names these pods of Airflow's: alone, or as everybody."""
        everybody = self.block is None and not self.labels and self.namespace is None
        return everybody or self.labels.get("component") == component


@dataclass(frozen=True)
class Policy:
    """The policy of one kind of pod."""

    address: str
    spec: Mapping[str, Any]

    def rules(self, side: Literal["egress", "ingress"]) -> Iterator[tuple[Peer, Ports]]:
        """Yield each peer that is let through, and the ports."""
        for rule in self.spec.get(side, ()):
            for entry in rule[_SIDES[side]]:
                yield Peer.of(entry), ports_of(rule.get("ports", ()))


def ports_of(entries: Iterable[Mapping[str, Any]]) -> Ports:
    """Return the ports of a rule."""
    return frozenset((int(entry["port"]), str(entry.get("protocol", "TCP"))) for entry in entries) or None


def common(one: Ports, other: Ports) -> Ports:
    """Return the ports that both let through; empty if there is none."""
    return other if one is None else one if other is None else one & other


def is_open(ports: Ports) -> bool:
    """Whether there is any."""
    return ports is None or bool(ports)


def together(one: Ports, other: Ports) -> Ports:
    """Return the ports that one of both lets through."""
    return None if one is None or other is None else one | other
