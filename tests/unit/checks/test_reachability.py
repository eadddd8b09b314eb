"""Who reaches what, computed from the JSON."""

from __future__ import annotations

from typing import Any

import pytest
from constructs.checks.reachability import IngressRule, Network, reference_name

from tests.unit.checks.conftest import NODES_GROUP, StackOf

Resources = dict[str, Any]


class TestSubnets:
    def test_nodes_and_database(self, resources: Resources, stack_of: StackOf) -> None:
        """Subnets are known by what stands in them."""
        network = Network(stack_of(resources))
        assert network.node_subnets == {"private_a"}
        assert network.database_subnets == {"database_a"}

    def test_have_their_route_tables(self, resources: Resources, stack_of: StackOf) -> None:
        """Those that an association names, whose routes are the subnet's; none where there is no association."""
        network = Network(stack_of(resources))
        assert network.tables("private_a") == ["private_a"]
        assert network.routes("private_a") == network.routes_in("private_a") != []
        assert network.tables("public_a") == []


class TestReaches:
    def test_over_the_peering_and_back(self, resources: Resources, stack_of: StackOf) -> None:
        """A route over a peering of the two VPCs leads from one to the other."""
        network = Network(stack_of(resources))
        assert network.reaches("private_a", "database_a")
        assert network.reaches("database_a", "private_a")

    def test_inside_a_vpc(self, resources: Resources, stack_of: StackOf) -> None:
        """Subnets of one VPC reach each other without any route of ours."""
        assert Network(stack_of(resources)).reaches("private_a", "public_a")

    def test_a_table_without_route(self, resources: Resources, stack_of: StackOf) -> None:
        """A subnet without a table of routes reaches nothing outside its VPC."""
        assert not Network(stack_of(resources)).reaches("public_a", "database_a")

    def test_a_route_for_a_part(self, resources: Resources, stack_of: StackOf) -> None:
        """A route that covers only a part of the subnet doesn't reach the subnet."""
        resources["aws_route"]["private_a_database"]["destination_cidr_block"] = "10.1.0.0/27"
        assert not Network(stack_of(resources)).reaches("private_a", "database_a")

    def test_a_route_through_nat(self, resources: Resources, stack_of: StackOf) -> None:
        """The default route doesn't lead into another VPC."""
        resources["aws_route"]["private_a_database"] = {
            "route_table_id": "${aws_route_table.private_a.id}",
            "destination_cidr_block": "0.0.0.0/0",
            "nat_gateway_id": "${aws_nat_gateway.nat_a.id}",
        }
        assert not Network(stack_of(resources)).reaches("private_a", "database_a")

    def test_a_peering_with_another_vpc(self, resources: Resources, stack_of: StackOf) -> None:
        """A route over a peering that leads elsewhere is none."""
        resources["aws_vpc_peering_connection"]["database"]["peer_vpc_id"] = "${aws_vpc.other.id}"
        assert not Network(stack_of(resources)).reaches("private_a", "database_a")


class TestWaysOut:
    def test_none_but_the_peering(self, resources: Resources, stack_of: StackOf) -> None:
        """An isolated subnet's only routes are over the peering."""
        assert Network(stack_of(resources)).ways_out("database_a") == []

    def test_a_route_to_the_internet(self, resources: Resources, stack_of: StackOf) -> None:
        """Any other route is a way out."""
        route = {
            "route_table_id": "${aws_route_table.database.id}",
            "destination_cidr_block": "0.0.0.0/0",
            "gateway_id": "${aws_internet_gateway.x.id}",
        }
        resources["aws_route"]["out"] = route
        assert Network(stack_of(resources)).ways_out("database_a") == [route]


class TestDatabaseRules:
    def test_rules_inside_its_group(self, resources: Resources, stack_of: StackOf) -> None:
        """The rule that stands in the group that the database carries."""
        (rule,) = Network(stack_of(resources)).database_rules
        assert rule == IngressRule("tcp", 5432, 5432, frozenset({NODES_GROUP}))

    @pytest.mark.parametrize(
        ("kind", "rule", "source"),
        [
            (
                "aws_vpc_security_group_ingress_rule",
                {"ip_protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_ipv4": "0.0.0.0/0"},
                "0.0.0.0/0",
            ),
            (
                "aws_security_group_rule",
                {"type": "ingress", "protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"]},
                "0.0.0.0/0",
            ),
            (
                "aws_security_group_rule",
                {"type": "ingress", "protocol": "tcp", "from_port": 22, "to_port": 22, "self": True},
                "self",
            ),
        ],
    )
    def test_rules_beside_its_group(
        self, resources: Resources, stack_of: StackOf, kind: str, rule: Resources, source: str
    ) -> None:
        """Rules that are resources of their own count too, of whichever kind."""
        resources[kind] = {"x": {**rule, "security_group_id": "${aws_security_group.database.id}"}}
        assert IngressRule("tcp", 22, 22, frozenset({source})) in Network(stack_of(resources)).database_rules

    def test_rules_of_other_groups(self, resources: Resources, stack_of: StackOf) -> None:
        """What another group accepts is no matter."""
        resources["aws_security_group"]["other"] = {"ingress": [{"protocol": "-1", "cidr_blocks": ["0.0.0.0/0"]}]}
        resources["aws_vpc_security_group_ingress_rule"] = {
            "other": {"security_group_id": "${aws_security_group.other.id}", "cidr_ipv4": "0.0.0.0/0"}
        }
        assert len(Network(stack_of(resources)).database_rules) == 1

    def test_what_goes_out_is_no_ingress(self, resources: Resources, stack_of: StackOf) -> None:
        """A rule of the older kind may be one for the other direction."""
        resources["aws_security_group_rule"] = {
            "x": {"type": "egress", "security_group_id": "${aws_security_group.database.id}"}
        }
        assert len(Network(stack_of(resources)).database_rules) == 1


class TestIngressRule:
    @pytest.mark.parametrize(
        "key", ["cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "security_groups"], ids=lambda key: f"list {key}"
    )
    def test_lists_of_sources(self, key: str) -> None:
        """Every list is a list of sources."""
        assert IngressRule.of({"protocol": "tcp", key: ["a", "b"]}).sources == {"a", "b"}

    @pytest.mark.parametrize(
        "key",
        ["cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_security_group_id", "source_security_group_id"],
    )
    def test_single_sources(self, key: str) -> None:
        """Every form of one source is a source."""
        assert IngressRule.of({"ip_protocol": "tcp", key: "a"}).sources == {"a"}

    def test_without_ports(self) -> None:
        """A rule that names no ports means all of them."""
        rule = IngressRule.of({"ip_protocol": "-1", "cidr_ipv4": "0.0.0.0/0"})
        assert (rule.protocol, rule.from_port, rule.to_port) == ("-1", 0, 65535)


class TestReferenceName:
    def test_is_the_name_in_the_state(self) -> None:
        """The name stands between type and attribute."""
        assert reference_name("${aws_subnet.private_a.id}", "aws_subnet") == "private_a"

    @pytest.mark.parametrize("expression", ["subnet-1", "${aws_vpc.cluster.id}", "${aws_subnet_x.a.id}", ""])
    def test_anything_else(self, expression: str) -> None:
        """What is no such reference is an error that shows it."""
        with pytest.raises(ValueError, match="is no reference to a aws_subnet") as refused:
            reference_name(expression, "aws_subnet")
        assert str(refused.value).startswith(expression)
