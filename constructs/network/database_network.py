"""The VPC of the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf_cdktf_provider_aws.route_table import RouteTable
from cdktf_cdktf_provider_aws.route_table_association import RouteTableAssociation
from cdktf_cdktf_provider_aws.subnet import Subnet
from cdktf_cdktf_provider_aws.vpc import Vpc
from constructs.naming.component import Component, Scope
from constructs.network.cluster_network import zone_suffix
from constructs.network.default_security_group import ClosedDefaultSecurityGroup


@dataclass(frozen=True, kw_only=True)
class DatabaseNetworkProps:
    """Inputs of `DatabaseNetwork`."""

    cidr: str
    availability_zones: Sequence[str]
    subnet_cidrs: Sequence[str]
    """One per zone, in the order of the zones."""


class DatabaseNetwork(Component):
    """A VPC without any way to or from the Internet: isolated subnets, one route table, no gateway of any kind."""

    def __init__(self, scope: Scope, id_: str, props: DatabaseNetworkProps) -> None:
        super().__init__(scope, id_)
        self.cidr = props.cidr
        vpc = self.add(Vpc, "database", cidr_block=props.cidr, enable_dns_support=True, enable_dns_hostnames=True)
        self.vpc_id: str = vpc.id
        self.vpc_address = "aws_vpc.database"
        ClosedDefaultSecurityGroup(self, "default-security-group", "database", vpc.id)
        self.route_table_id: str = self.add(RouteTable, "database", vpc_id=vpc.id).id
        self.subnet_ids = [
            self._subnet(zone, cidr) for zone, cidr in zip(props.availability_zones, props.subnet_cidrs, strict=True)
        ]

    def _subnet(self, zone: str, cidr: str) -> str:
        name = f"database_{zone_suffix(zone)}"
        subnet = self.add(Subnet, name, vpc_id=self.vpc_id, cidr_block=cidr, availability_zone=zone)
        self.add(RouteTableAssociation, name, route_table_id=self.route_table_id, subnet_id=subnet.id)
        subnet_id: str = subnet.id
        return subnet_id
