"""The database's VPC."""

from __future__ import annotations

import pytest
from constructs.network.database_network import DatabaseNetwork, DatabaseNetworkProps

from tests.unit.trial_stack import TrialStack


@pytest.fixture
def default(stack: TrialStack, database_network: DatabaseNetwork) -> TrialStack:
    """The stack with the database's VPC in two zones."""
    del database_network
    return stack


class TestWithDefaultConfiguration:
    def test_one_isolated_subnet_per_zone(self, default: TrialStack) -> None:
        """Each zone has one subnet of the VPC, and all share one route table without any route."""
        subnets = default.synthesized().resources("aws_subnet")
        assert {name: (subnet["availability_zone"], subnet["cidr_block"]) for name, subnet in subnets.items()} == {
            "database_a": ("eu-west-1a", "10.1.0.0/26"),
            "database_b": ("eu-west-1b", "10.1.0.64/26"),
        }
        for name in subnets:
            association = default.resource(f"aws_route_table_association.{name}")
            assert association["route_table_id"] == "${aws_route_table.database.id}"
            assert association["subnet_id"] == f"${{aws_subnet.{name}.id}}"

    def test_no_way_to_or_from_the_internet(self, default: TrialStack) -> None:
        """No gateway of any kind, no address, no route, no endpoint."""
        types = set(default.synthesized().document["resource"])
        assert types == {
            "aws_vpc",
            "aws_default_security_group",
            "aws_route_table",
            "aws_route_table_association",
            "aws_subnet",
        }
        table = default.resource("aws_route_table.database")
        assert "route" not in table

    def test_default_security_group_allows_nothing(self, default: TrialStack) -> None:
        """Taken over without rules."""
        group = default.resource("aws_default_security_group.database")
        assert group["vpc_id"] == "${aws_vpc.database.id}"
        assert (group["ingress"], group["egress"]) == ([], [])

    def test_names_resolve(self, default: TrialStack) -> None:
        """DNS is on in the VPC: resolution over a peering wants it on both sides."""
        vpc = default.resource("aws_vpc.database")
        assert vpc["enable_dns_support"] is True
        assert vpc["enable_dns_hostnames"] is True


class TestWithCustomConfiguration:
    def test_three_zones(self, stack: TrialStack) -> None:
        """As many subnets as zones."""
        props = DatabaseNetworkProps(
            cidr="10.17.0.0/24",
            availability_zones=("eu-west-1a", "eu-west-1b", "eu-west-1c"),
            subnet_cidrs=("10.17.0.0/26", "10.17.0.64/26", "10.17.0.128/26"),
        )
        network = DatabaseNetwork(stack, "network", props)
        assert stack.names_of("aws_subnet") == {"database_a", "database_b", "database_c"}
        assert len(network.subnet_ids) == 3
        assert network.cidr == "10.17.0.0/24"

    def test_a_range_is_missing(self, stack: TrialStack) -> None:
        """A zone without a range is an error at once."""
        props = DatabaseNetworkProps(
            cidr="10.1.0.0/24", availability_zones=("eu-west-1a", "eu-west-1b"), subnet_cidrs=("10.1.0.0/26",)
        )
        with pytest.raises(ValueError, match="argument 2 is shorter than argument 1"):
            DatabaseNetwork(stack, "network", props)
