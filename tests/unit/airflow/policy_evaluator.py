"""Decides from synthesized network policies who reaches whom: as Kubernetes has it, and as VPC CNI reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from typing import Any

#: Protocol and port.
Port = tuple[str, int]

#: A range, what is excepted from it, and the ports; no ports mean all of them.
Entry = tuple[IPv4Network, list[IPv4Network], frozenset[Port]]


@dataclass(frozen=True)
class Party:
    """A pod, or an address of anything else."""

    name: str
    address: str
    namespace: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


class Policies:
    """The `kubernetes_network_policy_v1` of a stack, all in one namespace."""

    def __init__(self, resources: Mapping[str, Any], namespace: str, parties: Sequence[Party]) -> None:
        self._specs = [resource["spec"] for resource in resources.values()]
        self._namespace = namespace
        self._parties = parties

    def connections(self, ports: Sequence[Port]) -> dict[str, set[str]]:
        """Source -> all that it reaches, `<party>:<port>`; connections that never touch the namespace are left out."""
        return {
            source.name: {
                f"{destination.name}:{port}{'/UDP' if protocol == 'UDP' else ''}"
                for destination in self._parties
                for protocol, port in ports
                if self._namespace in {source.namespace, destination.namespace}
                and self.allows(source, destination, (protocol, port))
            }
            for source in self._parties
        }

    def allows(self, source: Party, destination: Party, port: Port) -> bool:
        """Whether the policies on both ends allow a connection (Kubernetes, "Network Policies")."""
        return source is not destination and (
            self._side_allows(source, "Egress", destination, port)
            and self._side_allows(destination, "Ingress", source, port)
        )

    def _side_allows(self, subject: Party, direction: str, other: Party, port: Port) -> bool:
        specs = list(self._applying(subject))
        return not specs or any(
            _ports_match(rule, port) and any(self._is_meant(peer, other) for peer in rule[_peers(direction)])
            for spec in specs
            for rule in spec.get(direction.lower(), [])
        )

    def _applying(self, subject: Party) -> Iterator[Mapping[str, Any]]:
        for spec in self._specs:
            if subject.namespace == self._namespace and _selects(spec["pod_selector"], subject.labels):
                assert set(spec["policy_types"]) == {"Ingress", "Egress"}
                yield spec

    def _is_meant(self, peer: Mapping[str, Any], party: Party) -> bool:
        if "ip_block" in peer:
            block, address = peer["ip_block"], IPv4Address(party.address)
            excepted = any(address in IPv4Network(cidr) for cidr in block.get("except", []))
            return address in IPv4Network(block["cidr"]) and not excepted
        if party.namespace is None:
            return False
        namespaces = peer.get("namespace_selector")
        if namespaces is None:
            fits = party.namespace == self._namespace
        else:
            fits = _selects(namespaces, {"kubernetes.io/metadata.name": party.namespace})
        return fits and _selects(peer.get("pod_selector", {}), party.labels)

    def vpc_cni(self, source: Party) -> Callable[[Party, Port], bool]:
        """Return what VPC CNI's agent answers for connections out of the source's pod.

        It holds one table per pod with the rules of all of its policies. The longest range that the destination lies in
        decides alone: each has its own ports and those of the wider ones around it, and a range that any rule excepts
        is closed unless a rule names that very range (aws-network-policy-agent 1.4, `fw_rule_processor.go`).
        """
        table: dict[IPv4Network, tuple[set[frozenset[Port]], list[IPv4Network]]] = {}
        for network, excepted, ports in sorted(self._entries(source), key=lambda entry: entry[0].prefixlen):
            if network in table:
                table[network][0].add(ports)
                table[network][1].extend(excepted)
                continue
            wider = [
                around
                for outer, (around, but) in table.items()
                if network.subnet_of(outer) and not any(network.network_address in cidr for cidr in but)
            ]
            table[network] = ({ports}.union(*wider), list(excepted))
        closed = {cidr for _, excepts in table.values() for cidr in excepts if cidr not in table}
        table |= {cidr: (set(), []) for cidr in closed}

        def lets_out(destination: Party, port: Port) -> bool:
            address = IPv4Address(destination.address)
            fitting = [network for network in table if address in network]
            if not fitting:
                return False
            longest = max(fitting, key=lambda network: network.prefixlen)
            return any(not ports or port in ports for ports in table[longest][0])

        return lets_out

    def _entries(self, source: Party) -> Iterator[Entry]:
        for spec in self._applying(source):
            for rule in spec.get("egress", []):
                ports = frozenset((port["protocol"], int(port["port"])) for port in rule.get("ports", []))
                for peer in rule["to"]:
                    if "ip_block" in peer:
                        excepted = [IPv4Network(cidr) for cidr in peer["ip_block"].get("except", [])]
                        yield IPv4Network(peer["ip_block"]["cidr"]), excepted, ports
                        continue
                    for party in self._parties:
                        if self._is_meant(peer, party):
                            yield IPv4Network(party.address), [], ports


def _peers(direction: str) -> str:
    return "to" if direction == "Egress" else "from"


def _ports_match(rule: Mapping[str, Any], port: Port) -> bool:
    return not rule.get("ports") or port in {(entry["protocol"], int(entry["port"])) for entry in rule["ports"]}


def _selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    assert set(selector) <= {"match_labels"}, "other selectors are not understood here"
    wanted: Mapping[str, str] = selector.get("match_labels", {})
    return wanted.items() <= labels.items()
