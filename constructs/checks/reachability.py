"""Who reaches what over the network, computed from routes, subnets and security group rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any

from constructs.checks.synthesized import SynthesizedStack

POSTGRESQL = 5432
#: Attributes under which a node group without own security groups finds the one that its nodes carry.
CLUSTER_SECURITY_GROUP = "cluster_security_group_id}"

#: A range that holds no subnet.
NOTHING = "255.255.255.255/32"


class Network:
    """The network of a synthesized stack."""

    def __init__(self, stack: SynthesizedStack) -> None:
        self._stack = stack
        self._subnets = stack.resources("aws_subnet")

    def subnet_names(self, references: list[str]) -> list[str]:
        """Names of the subnets that expressions like `${aws_subnet.private_a.id}` refer to."""
        return [reference_name(reference, "aws_subnet") for reference in references]

    @property
    def node_subnets(self) -> set[str]:
        """Subnets in which nodes, and so pods, get their addresses."""
        groups = self._stack.resources("aws_eks_node_group").values()
        return {name for group in groups for name in self.subnet_names(group["subnet_ids"])}

    @property
    def database_subnets(self) -> set[str]:
        """Subnets of the database."""
        groups = self._stack.resources("aws_db_subnet_group").values()
        return {name for group in groups for name in self.subnet_names(group["subnet_ids"])}

    def tables(self, subnet: str) -> list[str]:
        """Names of the route tables that the subnet is associated with."""
        return [
            reference_name(association["route_table_id"], "aws_route_table")
            for association in self._stack.resources("aws_route_table_association").values()
            if reference_name(association["subnet_id"], "aws_subnet") == subnet
        ]

    def routes(self, subnet: str) -> list[dict[str, Any]]:
        """Routes of the table that the subnet is associated with, also those inside the table."""
        return [route for table in self.tables(subnet) for route in self.routes_in(table)]

    def routes_in(self, table: str) -> list[dict[str, Any]]:
        """Routes of a route table, those inside it and those apart."""
        inside = [
            {**route, "destination_cidr_block": route.get("cidr_block")}
            for route in self._stack.resources("aws_route_table").get(table, {}).get("route", [])
        ]
        apart = self._stack.resources("aws_route").values()
        return [*inside, *(route for route in apart if route["route_table_id"] == f"${{aws_route_table.{table}.id}}")]

    def reaches(self, source: str, target: str) -> bool:
        """Whether packets from one subnet arrive in the other: inside a VPC always, else by a route over a peering."""
        vpcs = {self._subnets[source]["vpc_id"], self._subnets[target]["vpc_id"]}
        address = IPv4Network(self._subnets[target]["cidr_block"])
        return len(vpcs) == 1 or any(
            address.subnet_of(IPv4Network(route.get("destination_cidr_block") or NOTHING))
            and self._peered(route) == vpcs
            for route in self.routes(source)
        )

    def _peered(self, route: Mapping[str, Any]) -> set[str]:
        """The two VPCs that the route's peering connects, if it has one and somebody accepts it."""
        reference = route.get("vpc_peering_connection_id")
        if not reference:
            return set()
        name = reference_name(reference, "aws_vpc_peering_connection")
        peering = self._stack.resources("aws_vpc_peering_connection")[name]
        return {peering["vpc_id"], peering["peer_vpc_id"]} if peering.get("auto_accept") is True else set()

    def ways_out(self, subnet: str) -> list[dict[str, Any]]:
        """Routes of the subnet that lead anywhere but to the VPCs of the nodes."""
        vpc = self._subnets[subnet]["vpc_id"]
        allowed = [{vpc, self._subnets[node]["vpc_id"]} for node in self.node_subnets]
        return [route for route in self.routes(subnet) if self._peered(route) not in allowed]

    @property
    def foreign_node_groups(self) -> list[str]:
        """Launch templates whose nodes carry other security groups than the cluster's own."""
        return [
            name
            for name, template in self._stack.resources("aws_launch_template").items()
            if any(
                template.get(key) for key in ("vpc_security_group_ids", "security_group_names", "network_interfaces")
            )
        ]

    @property
    def database_rules(self) -> list[IngressRule]:
        """Every ingress rule of every security group that a database instance carries, wherever it is declared."""
        instances = self._stack.resources("aws_db_instance").values()
        carried = {group for instance in instances for group in instance.get("vpc_security_group_ids", ())}
        groups = self._stack.resources("aws_security_group").items()
        inside = (
            rule
            for name, group in groups
            if f"${{aws_security_group.{name}.id}}" in carried
            for rule in group.get("ingress", [])
        )
        kinds = ("aws_vpc_security_group_ingress_rule", "aws_security_group_rule")
        apart = (rule for kind in kinds for rule in self._stack.resources(kind).values())
        return [
            IngressRule.of(rule)
            for rule in [*inside, *(rule for rule in apart if rule["security_group_id"] in carried)]
            if rule.get("type") != "egress"
        ]


@dataclass(frozen=True)
class IngressRule:
    """Who may send what to a security group."""

    protocol: str
    from_port: int
    to_port: int
    sources: frozenset[str]
    """Ranges, prefix lists and security groups; `self` for the group itself."""

    @classmethod
    def of(cls, rule: Mapping[str, Any]) -> IngressRule:
        """Read a rule in any of the forms that the provider has for it."""
        many = ("cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "security_groups")
        one = ("cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_security_group_id", "source_security_group_id")
        sources = [source for key in many for source in rule.get(key) or ()]
        sources += [rule[key] for key in one if rule.get(key)]
        if rule.get("self"):
            sources.append("self")
        protocol = rule.get("ip_protocol") or rule.get("protocol") or ""
        return cls(protocol, rule.get("from_port", 0), rule.get("to_port", 65535), frozenset(sources))


def reference_name(expression: str, terraform_type: str) -> str:
    """`private_a` of `${aws_subnet.private_a.id}`.

    Raises:
        ValueError: the expression refers to something else.
    """
    start = f"${{{terraform_type}."
    if not expression.startswith(start):
        raise ValueError(f"{expression} is no reference to a {terraform_type}")
    return expression.removeprefix(start).partition(".")[0]
