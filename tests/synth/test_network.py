"""Who reaches the database, worked out here from the JSON without the project's own checks, and with them."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Any

from constructs.checks.proofs import PROOFS
from constructs.checks.reachability import Network
from constructs.checks.synthesized import SynthesizedStack

CLUSTER, DATABASE = "${aws_vpc.cluster.id}", "${aws_vpc.database.id}"
PEERING = "${aws_vpc_peering_connection.database.id}"


def _routes_of(stack: SynthesizedStack, subnet: str) -> list[dict[str, Any]]:
    """Routes of the one table that a subnet is associated with."""
    associations = stack.resources("aws_route_table_association").values()
    (table,) = [a["route_table_id"] for a in associations if a["subnet_id"] == subnet]
    return [route for route in stack.resources("aws_route").values() if route["route_table_id"] == table]


def _range(stack: SynthesizedStack, subnet: str) -> IPv4Network:
    return IPv4Network(stack.resources("aws_subnet")[subnet.split(".")[1]]["cidr_block"])


def _node_subnets(stack: SynthesizedStack) -> set[str]:
    return {s for group in stack.resources("aws_eks_node_group").values() for s in group["subnet_ids"]}


def _database_subnets(stack: SynthesizedStack) -> set[str]:
    return set(stack.resources("aws_db_subnet_group")["metadata"]["subnet_ids"])


class TestOnTheJson:
    def test_nodes_have_a_route_to_the_database_and_back(self, stack: SynthesizedStack) -> None:
        """For each pair of subnets both tables have a route over the one peering that covers the other subnet."""
        nodes, databases = _node_subnets(stack), _database_subnets(stack)
        assert nodes
        assert databases
        pairs = [(n, d) for n in nodes for d in databases]
        for source, target in [*pairs, *[(target, source) for source, target in pairs]]:
            covering = [
                route
                for route in _routes_of(stack, source)
                if _range(stack, target).subnet_of(IPv4Network(route["destination_cidr_block"]))
                and route.get("vpc_peering_connection_id") == PEERING
            ]
            assert len(covering) == 1, f"{source} -> {target}"

    def test_the_peering_joins_the_two_vpcs(self, stack: SynthesizedStack) -> None:
        """There is one peering, active by itself, between the cluster's and the database's VPC."""
        peerings = stack.resources("aws_vpc_peering_connection")
        assert list(peerings) == ["database"]
        peering = peerings["database"]
        assert (peering["vpc_id"], peering["peer_vpc_id"], peering["auto_accept"]) == (CLUSTER, DATABASE, True)

    def test_subnets_are_where_they_belong(self, stack: SynthesizedStack) -> None:
        """Nodes live in the cluster's VPC, the database in its own, and no two ranges overlap."""
        subnets = stack.resources("aws_subnet")
        assert {subnets[s.split(".")[1]]["vpc_id"] for s in _node_subnets(stack)} == {CLUSTER}
        assert {subnets[s.split(".")[1]]["vpc_id"] for s in _database_subnets(stack)} == {DATABASE}
        ranges = [IPv4Network(subnet["cidr_block"]) for subnet in subnets.values()]
        assert not [(a, b) for i, a in enumerate(ranges) for b in ranges[i + 1 :] if a.overlaps(b)]
        vpcs = {f"${{aws_vpc.{name}.id}}": IPv4Network(vpc["cidr_block"]) for name, vpc in _vpcs(stack).items()}
        assert all(IPv4Network(s["cidr_block"]).subnet_of(vpcs[s["vpc_id"]]) for s in subnets.values())

    def test_the_databases_vpc_has_no_other_way(self, stack: SynthesizedStack) -> None:
        """No gateway, endpoint, address or route but that over the peering is in the database's VPC."""
        for kind in ("aws_internet_gateway", "aws_vpc_endpoint", "aws_vpn_gateway", "aws_egress_only_internet_gateway"):
            assert DATABASE not in {resource["vpc_id"] for resource in stack.resources(kind).values()}
        for gateway in stack.resources("aws_nat_gateway").values():
            assert gateway["subnet_id"] not in _database_subnets(stack)
        for subnet in _database_subnets(stack):
            assert [route["vpc_peering_connection_id"] for route in _routes_of(stack, subnet)] == [PEERING]

    def test_one_rule_lets_the_nodes_in(self, stack: SynthesizedStack) -> None:
        """Of all kinds of rules that there are, one exists: 5432 from the cluster's security group."""
        for kind in ("aws_security_group_rule", "aws_vpc_security_group_ingress_rule"):
            assert not stack.resources(kind)
        assert list(stack.resources("aws_security_group")) == ["database"]
        group = stack.resources("aws_security_group")["database"]
        assert group["egress"] == []
        (rule,) = group["ingress"]
        assert (rule["protocol"], rule["from_port"], rule["to_port"]) == ("tcp", 5432, 5432)
        nodes = "${aws_eks_cluster.cluster.vpc_config[0].cluster_security_group_id}"
        assert rule["security_groups"] == [nodes]
        assert not [key for key in ("cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "self") if rule.get(key)]
        (database,) = stack.resources("aws_db_instance").values()
        assert database["vpc_security_group_ids"] == ["${aws_security_group.database.id}"]
        assert database["publicly_accessible"] is False

    def test_nodes_carry_the_group_that_is_let_in(self, stack: SynthesizedStack) -> None:
        """No launch template names a security group, so nodes carry the cluster's."""
        for template in stack.resources("aws_launch_template").values():
            assert not {"vpc_security_group_ids", "security_group_names", "network_interfaces"} & set(template)

    def test_default_security_groups_are_empty(self, stack: SynthesizedStack) -> None:
        """Both VPCs' default groups are taken over without a rule."""
        groups = stack.resources("aws_default_security_group")
        assert {group["vpc_id"] for group in groups.values()} == {CLUSTER, DATABASE}
        assert all((group["ingress"], group["egress"]) == ([], []) for group in groups.values())


def _vpcs(stack: SynthesizedStack) -> dict[str, dict[str, Any]]:
    return stack.resources("aws_vpc")


class TestByTheProjectsChecks:
    def test_every_proof_holds(self, stack: SynthesizedStack) -> None:
        """What every synth proves holds of the shipped environments."""
        assert [failure for proof in PROOFS for failure in proof(stack)] == []

    def test_they_see_the_same_subnets(self, stack: SynthesizedStack) -> None:
        """The proofs look at all subnets of nodes and database, not at none."""
        network = Network(stack)
        assert {f"${{aws_subnet.{name}.id}}" for name in network.node_subnets} == _node_subnets(stack)
        assert {f"${{aws_subnet.{name}.id}}" for name in network.database_subnets} == _database_subnets(stack)
        assert len(network.database_rules) == 1
