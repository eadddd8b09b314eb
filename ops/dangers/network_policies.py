"""Network policies of Kubernetes: whom pods reach or are reached by, on which ports."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ops.dangers.ranges import opened, whole_internet
from ops.dangers.resource_change import ResourceChange
from ops.dangers.rules import first, members, number
from ops.plan_report.danger import Danger, Kind, danger
from ops.plan_report.report import Action

#: A rule without peers holds for everybody.
_ANYBODY = "anybody"
_EVERY_NAMESPACE = "every namespace"


@dataclass(frozen=True, kw_only=True)
class Opening:
    """One peer on one port, or on one range of them."""

    peer: str
    """A range of addresses, or labels in words."""

    but: tuple[str, ...]
    """Ranges within the peer's that are left out."""

    protocol: str
    """Empty for every port of every protocol."""

    port: str
    """A number or a name; empty for every port of the protocol."""

    last: str
    """The port itself where it is no range."""

    @property
    def is_wide(self) -> bool:
        """Whether it holds for everybody, inside the cluster or outside."""
        return self.peer in (_ANYBODY, _EVERY_NAMESPACE) or whole_internet([self.peer])

    def is_within(self, others: Sequence[Opening]) -> bool:
        """Whether they let through, together, all that it does."""
        near = [other for other in others if other.has_ports_of(self) and all(map(self._leaves_out, other.but))]
        peers = [other.peer for other in near]
        return _ANYBODY in peers or not opened(peers, [self.peer])

    def has_ports_of(self, other: Opening) -> bool:
        """Whether its ports are all that the other one has, or more."""
        if not self.protocol or (self.protocol == other.protocol and not self.port):
            return True
        found = map(number, (self.port, other.port, other.last, self.last))
        ports = [port for port in found if port is not None]
        is_range_within = len(ports) == 4 and ports == sorted(ports)  # noqa: PLR2004  # ends of both
        return self.protocol == other.protocol and (self.port == other.port == other.last or is_range_within)

    def _leaves_out(self, addresses: str) -> bool:
        apart = opened([self.peer], [addresses]) and opened([addresses], [self.peer])
        return bool(apart) or not opened(self.but, [addresses])

    def __str__(self) -> str:
        """`10.0.0.0/8 but 10.1.0.0/16 on TCP 8080`."""
        but = f" but {', '.join(self.but)}" if self.but else ""
        ports = self.port if self.port == self.last else f"{self.port}-{self.last}"
        return f"{self.peer}{but} on " + (f"{self.protocol} {ports or 'any'}" if self.protocol else "every port")


def network_policy(change: ResourceChange) -> Iterator[Danger]:
    """What pods reach or are reached by and were not; of a new policy only what holds for everybody."""
    for direction, word in (("ingress", "lets in"), ("egress", "lets out")):
        old, rules = change.was(f"spec.{direction}"), change.becomes(f"spec.{direction}")
        before, after = _openings(old, direction), _openings(rules, direction)
        if isinstance(rules, str):
            said = f"{direction}: it can't be told what it will let through"
            yield danger(Kind.OPENS, said, list(map(str, before)), rules)
        new = [opening for opening in after if not opening.is_within(before)]
        if change.action is Action.ADD:
            new = after = [opening for opening in new if opening.is_wide]
        if new:
            listed = first(list(map(str, new)), list(map(str, after)))
            yield danger(Kind.OPENS, f"{word} more" if before else word, list(map(str, before)), listed)


def _openings(rules: Any, direction: str) -> list[Opening]:
    peers = "from" if direction == "ingress" else "to"
    return [
        _opening(peer, port)
        for rule in _listed(rules)
        for peer in _listed(rule.get(peers)) or [{}]
        for port in _listed(rule.get("ports")) or [None]
    ]


def _opening(peer: Mapping[str, Any], port: Mapping[str, Any] | None) -> Opening:
    block: Mapping[str, Any] = next(iter(_listed(peer.get("ip_block"))), {})
    number_or_name = str((port or {}).get("port") or "")
    return Opening(
        peer=block.get("cidr") or _selected(peer),
        but=tuple(members(block.get("except"))),
        protocol="" if port is None else port.get("protocol") or "TCP",
        port=number_or_name,
        last=str((port or {}).get("end_port") or number_or_name),
    )


def _selected(peer: Mapping[str, Any]) -> str:
    namespaces, pods = (
        [_labels(block) for block in _listed(peer.get(name))] for name in ("namespace_selector", "pod_selector")
    )
    parts = [f"namespace {labels}" if labels else _EVERY_NAMESPACE for labels in namespaces]
    # All pods of a namespace are the namespace; without one they are those of the policy's own.
    parts += [f"pods {labels or 'of any label'}" for labels in pods if labels or not namespaces]
    return " ".join(parts) or _ANYBODY


def _labels(selector: Mapping[str, Any]) -> str:
    labels = selector.get("match_labels") or {}
    more = selector.get("match_expressions") or []
    return ",".join(
        [*(f"{key}={value}" for key, value in sorted(labels.items())), *([json.dumps(more)] if more else [])]
    )


def _listed(value: Any) -> list[Any]:
    """Blocks as a list; Terraform writes an empty block as null."""
    listed = value if isinstance(value, list) else [value] if isinstance(value, dict) else []
    return [each or {} for each in listed]
