"""How the VPCs are cut into subnets."""

from __future__ import annotations

from ipaddress import IPv4Network
from itertools import combinations

import pytest
from constructs.settings.sections.network import NetworkSettings, SubnetPlan

ZONES = ("eu-west-1a", "eu-west-1b", "eu-west-1c", "eu-west-1d", "eu-west-1e", "eu-west-1f")


class TestSubnetPlan:
    def test_with_default_configuration(self) -> None:
        """Two zones: quarters for private subnets, eighths of the last quarter for public ones."""
        assert NetworkSettings().plan(ZONES[:2]) == SubnetPlan(
            private=("10.0.0.0/18", "10.0.64.0/18"),
            public=("10.0.192.0/21", "10.0.200.0/21"),
            database=("10.1.0.0/26", "10.1.0.64/26"),
        )

    def test_with_custom_configuration(self) -> None:
        """Six zones: eighths, in the smallest range that six zones fit into."""
        plan = NetworkSettings(cluster_vpc_cidr="10.8.0.0/20", database_vpc_cidr="10.9.0.0/25").plan(ZONES)
        assert plan.private[5] == "10.8.10.0/23"
        assert plan.public == tuple(f"10.8.{14 + part // 4}.{part % 4 * 64}/26" for part in range(6))
        assert plan.database[5] == "10.9.0.80/28"

    @pytest.mark.parametrize("zones", range(2, 7))
    @pytest.mark.parametrize("prefix", range(16, 21))
    def test_no_subnets_overlap(self, zones: int, prefix: int) -> None:
        """Whatever is legal: each zone gets its subnets inside the range, none overlaps another, none is too small."""
        plan = NetworkSettings(cluster_vpc_cidr=f"10.0.0.0/{prefix}").plan(ZONES[:zones])
        subnets = [IPv4Network(cidr) for cidr in plan.private + plan.public]
        assert len(subnets) == 2 * zones
        assert not any(one.overlaps(other) for one, other in combinations(subnets, 2))
        assert all(subnet.subnet_of(IPv4Network(f"10.0.0.0/{prefix}")) for subnet in subnets)
        assert max(IPv4Network(cidr).prefixlen for cidr in plan.private) <= 24
        assert max(IPv4Network(cidr).prefixlen for cidr in plan.public) <= 27

    @pytest.mark.parametrize(("before", "after"), [(2, 3), (4, 5), (4, 6)])
    def test_another_zone_moves_no_subnet(self, before: int, after: int) -> None:
        """On one side of four zones a new zone only adds subnets."""
        network = NetworkSettings()
        few, many = network.plan(ZONES[:before]), network.plan(ZONES[:after])
        assert many.private[:before] == few.private
        assert many.public[:before] == few.public
        assert many.database[:before] == few.database
