"""What pods of Airflow reach beside each other: things with addresses, by the JSON of both stacks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network

from constructs.airflow.network.peers import POD_IDENTITY_AGENT, kubernetes_api
from constructs.checks.reachability import CLUSTER_SECURITY_GROUP, IngressRule, reference_name
from constructs.settings.values.ranges import PRIVATE as RFC_1918

from ops.pictures.policies import Block, Peer, Policy, Ports, common, together
from ops.pictures.stacks import Stacks

DATABASE, DNS, POD_IDENTITY, KUBERNETES = "PostgreSQL on RDS", "DNS", "Pod Identity agent", "Kubernetes API"
PRIVATE, PUBLIC = "private addresses", "public addresses"


@dataclass(frozen=True)
class Place:
    """Something with addresses."""

    name: str
    networks: Sequence[IPv4Network]
    takes: Ports = None
    """Ports that are open there."""

    rules: Sequence[str] = ()
    """Addresses of the resources that open them."""

    labels: Mapping[str, str] = field(default_factory=dict)
    """Of its pods, if it is pods."""

    whole: bool = False
    """Whether only who reaches all of the addresses reaches it; else any of them will do."""

    def is_meant(self, peer: Peer, ports: Ports) -> bool:
        """Whether a rule was written for it."""
        return bool(peer.block and peer.block.cidr in self.networks and common(ports, self.takes) == ports)

    def is_reached(self, peer: Peer) -> bool:
        """Whether a rule leads there, whatever it was written for."""
        if not peer.block:
            return bool(self.labels) and peer.labels == self.labels
        return peer.block.holds(self.networks) if self.whole else peer.block.touches(self.networks)


def networks(stacks: Stacks, vpc: str, names: Iterable[str] | None = None) -> list[IPv4Network]:
    """Return the ranges of a VPC's subnets: of all, or of these."""
    return [IPv4Network(subnet["cidr_block"]) for name, subnet in stacks.subnets_of(vpc) if not names or name in names]


def places(stacks: Stacks, policies: Iterable[Policy]) -> Sequence[Place]:
    """Return what there is: services first, then the ranges that rules list, then all else."""
    nodes = networks(stacks, "cluster", stacks.network.node_subnets)
    services = [
        *_database(stacks, nodes),
        Place(DNS, nodes, frozenset({(53, "UDP"), (53, "TCP")}), labels={"k8s-app": "kube-dns"}),
        Place(POD_IDENTITY, [IPv4Network(POD_IDENTITY_AGENT)], frozenset({(80, "TCP")})),
        _kubernetes(stacks),
    ]
    private = Place(PRIVATE, list(RFC_1918), whole=True)
    public = Place(PUBLIC, [IPv4Network("0.0.0.0/0")], whole=True)
    ranges = {
        peer.block.cidr
        for policy in policies
        for peer, ports in policy.rules("egress")
        if peer.block and not any(place.is_meant(peer, ports) for place in (*services, public))
    }
    return [*services, *(Place(str(each), [each], whole=True) for each in sorted(ranges)), private, public]


def _database(stacks: Stacks, nodes: Sequence[IPv4Network]) -> Sequence[Place]:
    """Return PostgreSQL at the ports at which its security group lets nodes in, if there are routes."""
    network = stacks.network
    if not all(network.reaches(node, subnet) for node in network.node_subnets for subnet in network.database_subnets):
        return []
    takes: Ports = frozenset()
    for rule in network.database_rules:
        if any(_is_node(sender, nodes) for sender in rule.sources):
            takes = together(takes, _ports(rule))
    carried = stacks.one("aws_db_instance")["vpc_security_group_ids"]
    groups = [f"aws_security_group.{reference_name(each, 'aws_security_group')}" for each in carried]
    return [Place(DATABASE, networks(stacks, "database"), takes, groups)]


def _is_node(sender: str, nodes: Sequence[IPv4Network]) -> bool:
    """Whether a security group's rule names nodes: by the group that they carry, or by their addresses."""
    if sender.endswith(CLUSTER_SECURITY_GROUP):
        return True
    return sender[0].isdigit() and ":" not in sender and Block(IPv4Network(sender)).touches(nodes)


def _ports(rule: IngressRule) -> Ports:
    if rule.protocol == "-1":
        return None
    return frozenset((number, rule.protocol.upper()) for number in range(rule.from_port, rule.to_port + 1))


def _kubernetes(stacks: Stacks) -> Place:
    """Return the API at its service's address, and in the subnets that the control plane has interfaces in."""
    cluster = stacks.one("aws_eks_cluster")
    subnets = networks(stacks, "cluster", stacks.network.subnet_names(cluster["vpc_config"]["subnet_ids"]))
    service = cluster["kubernetes_network_config"]["service_ipv4_cidr"]
    found = kubernetes_api(service, map(str, subnets))
    return Place(KUBERNETES, [IPv4Network(each.cidr) for each in found.ranges], frozenset({(443, "TCP")}))
