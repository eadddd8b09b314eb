"""Who reaches what: pods, the database and the outside, by the rules that let them; all else is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Network
from typing import Any

from constructs.checks.reachability import POSTGRESQL

from ops.pictures.stacks import Stacks

_POLICY = "kubernetes_network_policy_v1"
#: What is no pod of Airflow's.
LOAD_BALANCER, PROXY, DATABASE = "load balancer", "Ingress controller", "PostgreSQL on RDS"
DNS, POD_IDENTITY, ANYWHERE = "DNS", "Pod Identity agent", "public addresses"
_POD_IDENTITY_ADDRESS = "169.254.170.23/32"


@dataclass(frozen=True)
class Way:
    """Something is let through."""

    source: str
    target: str
    ports: str
    rules: tuple[str, ...]
    """Addresses of the resources that let it: of both sides, where both have rules."""


class Reach:
    """All ways of an environment."""

    def __init__(self, stacks: Stacks) -> None:
        """Read the network policies and the database's security group."""
        self._stacks = stacks
        self._policies = {
            str(policy["spec"]["pod_selector"]["match_labels"]["component"]): (f"{_POLICY}.{name}", policy["spec"])
            for name, policy in stacks.platform.resources(_POLICY).items()
            if policy["spec"]["pod_selector"].get("match_labels", {}).get("component")
        }

    @cached_property
    def ways(self) -> Sequence[Way]:
        """Everything that is let through."""
        own = [way for source in self._policies for way in self._from(source)]
        return [*dict.fromkeys(self._from_outside()), *own]

    @property
    def sources(self) -> Sequence[str]:
        """Who could reach something: what is in front of Airflow, and each kind of pod."""
        return list(dict.fromkeys(way.source for way in self.ways) | dict.fromkeys(self._policies))

    @property
    def targets(self) -> Sequence[str]:
        """What somebody may reach, pods first."""
        reached = {way.target for way in self.ways}
        return [name for name in (*self._policies, DATABASE, DNS, POD_IDENTITY, ANYWHERE) if name in reached]

    def _from(self, source: str) -> Iterator[Way]:
        address, spec = self._policies[source]
        for rule in spec.get("egress", ()):
            for peer in rule["to"]:
                for target, ports, by in self._reached(source, peer, rule.get("ports", ())):
                    yield Way(source, target, ports, (address, *by))

    def _reached(
        self, source: str, peer: Mapping[str, Any], ports: Sequence[Mapping[str, Any]]
    ) -> Iterator[tuple[str, str, Sequence[str]]]:
        """Yield target, ports and the rules of its side."""
        block, labels = peer.get("ip_block"), peer.get("pod_selector", {}).get("match_labels", {})
        if "component" in labels:
            target = str(labels["component"])
            by = list(self._let_in(source, target, ports))
            if by:
                yield target, _words(ports), by
        elif labels.get("k8s-app") == "kube-dns":
            yield DNS, _words(ports), ()
        elif block and block["cidr"] == _POD_IDENTITY_ADDRESS:
            yield POD_IDENTITY, _words(ports), ()
        elif block and block["cidr"] == "0.0.0.0/0":
            yield ANYWHERE, _words(ports), ()
        elif block and self._is_database(block["cidr"]) and self._let_to_database(ports):
            yield DATABASE, _words(ports), self._database_groups

    def _let_in(self, source: str, target: str, ports: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        """The target's policy, if it lets the source in at one of the ports."""
        address, spec = self._policies.get(target, ("", {}))
        for rule in spec.get("ingress", ()):
            named = any(
                peer.get("pod_selector", {}).get("match_labels", {}).get("component") == source for peer in rule["from"]
            )
            if named and set(map(_port, ports)) & set(map(_port, rule.get("ports", ports))):
                yield address
                return

    def _from_outside(self) -> Iterator[Way]:
        """Into pods, by addresses: from the load balancer, or from a user's own Ingress controller."""
        own = {str(subnet["cidr_block"]) for _, subnet in self._stacks.subnets_of("cluster")}
        for target, (address, spec) in self._policies.items():
            for rule in spec.get("ingress", ()):
                for cidr in {peer["ip_block"]["cidr"] for peer in rule["from"] if peer.get("ip_block")}:
                    source = LOAD_BALANCER if cidr in own else PROXY
                    yield Way(source, target, _words(rule.get("ports", ())), (address,))

    def _is_database(self, cidr: str) -> bool:
        subnets = [IPv4Network(str(subnet["cidr_block"])) for _, subnet in self._stacks.subnets_of("database")]
        return IPv4Network(cidr) in subnets

    def _let_to_database(self, ports: Sequence[Mapping[str, Any]]) -> bool:
        """Whether security group and routes let the nodes there, too."""
        network = self._stacks.network
        there = all(
            network.reaches(node, subnet) for node in network.node_subnets for subnet in network.database_subnets
        )
        known = {rule.from_port for rule in network.database_rules}
        return there and POSTGRESQL in known and str(POSTGRESQL) in {str(port["port"]) for port in ports}

    @property
    def _database_groups(self) -> Sequence[str]:
        return [f"aws_security_group.{name}" for name in self._stacks.infrastructure.resources("aws_security_group")]


def _port(port: Mapping[str, Any]) -> tuple[str, str]:
    return str(port["port"]), str(port.get("protocol", "TCP"))


def _words(ports: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(dict.fromkeys(str(port["port"]) for port in ports)) or "all"
