"""The cluster's VPC."""

from __future__ import annotations

from typing import Any

import pytest
from cdktf_cdktf_provider_aws.route import Route
from constructs.naming.component import Component
from constructs.network.cluster_network import ClusterNetwork, ClusterNetworkProps, zone_suffix

from tests.unit.trial_stack import TrialStack

ZONES = ("eu-west-1a", "eu-west-1b", "eu-west-1c")
PUBLIC = ("10.0.192.0/21", "10.0.200.0/21", "10.0.208.0/21")
PRIVATE = ("10.0.0.0/18", "10.0.64.0/18", "10.0.128.0/18")


def _props(**changes: Any) -> ClusterNetworkProps:
    arguments = {
        "cidr": "10.0.0.0/16",
        "availability_zones": ZONES,
        "public_cidrs": PUBLIC,
        "private_cidrs": PRIVATE,
    } | changes
    return ClusterNetworkProps(**arguments)


@pytest.fixture
def default(stack: TrialStack) -> TrialStack:
    """Three zones, everything else by default."""
    ClusterNetwork(stack, "network", _props())
    return stack


@pytest.fixture
def nat_per_zone(stack: TrialStack) -> TrialStack:
    """Three zones with a NAT gateway in each."""
    ClusterNetwork(stack, "network", _props(nat_gateway_per_zone=True))
    return stack


class TestWithDefaultConfiguration:
    def test_vpc_resolves_names(self, default: TrialStack) -> None:
        """DNS support and host names are on: EKS's private endpoint and the database's name need both."""
        vpc = default.resource("aws_vpc.cluster")
        assert (vpc["cidr_block"], vpc["enable_dns_support"], vpc["enable_dns_hostnames"]) == (
            "10.0.0.0/16",
            True,
            True,
        )

    def test_a_public_and_a_private_subnet_in_every_zone(self, default: TrialStack) -> None:
        """Each zone has its two ranges, in the order in which they were given."""
        subnets = default.synthesized().resources("aws_subnet")
        found = {name: (subnet["availability_zone"], subnet["cidr_block"]) for name, subnet in subnets.items()}
        expected = {
            f"{kind}_{zone[-1]}": (zone, cidr)
            for kind, cidrs in (("public", PUBLIC), ("private", PRIVATE))
            for zone, cidr in zip(ZONES, cidrs, strict=True)
        }
        assert found == expected

    def test_load_balancers_find_their_subnets(self, default: TrialStack) -> None:
        """Public subnets carry the tag for internet-facing balancers, private ones that for internal ones."""
        for name, subnet in default.synthesized().resources("aws_subnet").items():
            public = name.startswith("public_")
            assert subnet["tags"].get("kubernetes.io/role/elb") == ("1" if public else None)
            assert subnet["tags"].get("kubernetes.io/role/internal-elb") == (None if public else "1")

    def test_no_subnet_gives_out_public_addresses(self, default: TrialStack) -> None:
        """Nothing that is started in a subnet gets a public address by itself."""
        for subnet in default.synthesized().resources("aws_subnet").values():
            assert "map_public_ip_on_launch" not in subnet

    def test_default_security_group_allows_nothing(self, default: TrialStack) -> None:
        """Taken over without rules: what is started without a security group is cut off."""
        group = default.resource("aws_default_security_group.cluster")
        assert group["vpc_id"] == "${aws_vpc.cluster.id}"
        assert (group["ingress"], group["egress"]) == ([], [])

    def test_one_nat_gateway_in_the_first_zone(self, default: TrialStack) -> None:
        """One gateway with one address, in the first zone's public subnet."""
        assert default.names_of("aws_nat_gateway") == {"nat_a"}
        assert default.names_of("aws_eip") == {"nat_a"}
        assert default.resource("aws_nat_gateway.nat_a")["subnet_id"] == "${aws_subnet.public_a.id}"
        assert default.resource("aws_nat_gateway.nat_a")["allocation_id"] == "${aws_eip.nat_a.allocation_id}"

    def test_every_private_route_table_uses_the_one_nat_gateway(self, default: TrialStack) -> None:
        """Other zones' nodes go out through the first zone."""
        for zone in "abc":
            route = default.resource(f"aws_route.private_{zone}_internet")
            assert route["route_table_id"] == f"${{aws_route_table.private_{zone}.id}}"
            assert route["destination_cidr_block"] == "0.0.0.0/0"
            assert route["nat_gateway_id"] == "${aws_nat_gateway.nat_a.id}"

    def test_each_private_subnet_has_its_own_route_table(self, default: TrialStack) -> None:
        """Whether one NAT gateway or several: changing it later changes a route and moves no subnet."""
        for zone in "abc":
            association = default.resource(f"aws_route_table_association.private_{zone}")
            assert association["subnet_id"] == f"${{aws_subnet.private_{zone}.id}}"
            assert association["route_table_id"] == f"${{aws_route_table.private_{zone}.id}}"

    def test_public_subnets_share_the_way_to_the_internet(self, default: TrialStack) -> None:
        """One public route table leads through the internet gateway."""
        route = default.resource("aws_route.public_internet")
        assert route["gateway_id"] == "${aws_internet_gateway.cluster.id}"
        assert route["destination_cidr_block"] == "0.0.0.0/0"
        for zone in "abc":
            association = default.resource(f"aws_route_table_association.public_{zone}")
            assert association["route_table_id"] == "${aws_route_table.public.id}"

    def test_private_subnets_have_no_internet_gateway(self, default: TrialStack) -> None:
        """Only the public route table leads to the internet gateway."""
        routes = default.synthesized().resources("aws_route")
        assert [name for name, route in routes.items() if "gateway_id" in route] == ["public_internet"]

    def test_s3_is_reached_without_nat(self, default: TrialStack) -> None:
        """The gateway endpoint, which costs nothing, is in every private route table."""
        endpoint = default.resource("aws_vpc_endpoint.s3")
        assert endpoint["vpc_endpoint_type"] == "Gateway"
        assert endpoint["service_name"] == "com.amazonaws.eu-west-1.s3"
        assert endpoint["route_table_ids"] == [f"${{aws_route_table.private_{zone}.id}}" for zone in "abc"]

    def test_nat_waits_for_the_internet(self, default: TrialStack) -> None:
        """Address and gateway are made after the internet gateway and destroyed before it."""
        assert default.resource("aws_eip.nat_a")["depends_on"] == ["aws_internet_gateway.cluster"]
        assert "aws_route.public_internet" in default.resource("aws_nat_gateway.nat_a")["depends_on"]


class TestWithCustomConfiguration:
    def test_nat_gateway_per_zone(self, nat_per_zone: TrialStack) -> None:
        """Every zone has its own gateway and address in its own public subnet."""
        assert nat_per_zone.names_of("aws_nat_gateway") == {"nat_a", "nat_b", "nat_c"}
        for zone in "abc":
            gateway = nat_per_zone.resource(f"aws_nat_gateway.nat_{zone}")
            assert gateway["subnet_id"] == f"${{aws_subnet.public_{zone}.id}}"
            assert gateway["allocation_id"] == f"${{aws_eip.nat_{zone}.allocation_id}}"

    def test_each_zone_goes_out_by_itself(self, nat_per_zone: TrialStack) -> None:
        """A zone that fails takes only its own way out with it."""
        for zone in "abc":
            route = nat_per_zone.resource(f"aws_route.private_{zone}_internet")
            assert route["nat_gateway_id"] == f"${{aws_nat_gateway.nat_{zone}.id}}"

    def test_another_region(self) -> None:
        """The S3 endpoint is the region's own."""
        stack = TrialStack(region="us-east-2")
        zones = ("us-east-2a", "us-east-2b", "us-east-2c")
        ClusterNetwork(stack, "network", _props(availability_zones=zones))
        assert stack.resource("aws_vpc_endpoint.s3")["service_name"] == "com.amazonaws.us-east-2.s3"

    @pytest.mark.parametrize("few", ["public_cidrs", "private_cidrs"])
    def test_a_range_is_missing(self, stack: TrialStack, few: str) -> None:
        """A zone without a range is an error at once, not a subnet less."""
        with pytest.raises(ValueError, match="argument 2 is shorter than argument 1"):
            ClusterNetwork(stack, "network", _props(**{few: PUBLIC[:2]}))


class TestInternetAccess:
    def test_holds_every_way_to_the_internet(self, stack: TrialStack) -> None:
        """Nodes that wait for it start with a way out in their zone, and lose it last."""
        network = ClusterNetwork(stack, "network", _props())
        Component(stack, "user").add(Route, "user", route_table_id="rtb", depends_on=network.internet_access)
        assert sorted(stack.resource("aws_route.user")["depends_on"]) == [
            "aws_route.private_a_internet",
            "aws_route.private_b_internet",
            "aws_route.private_c_internet",
            "aws_route.public_internet",
            *(f"aws_route_table_association.{kind}_{zone}" for kind in ("private", "public") for zone in "abc"),
        ]


class TestZoneSuffix:
    def test_is_the_letter(self) -> None:
        """`eu-west-1a` is zone a in addresses and names."""
        assert zone_suffix("eu-west-1a") == "a"
