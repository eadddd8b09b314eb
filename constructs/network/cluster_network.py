"""The VPC of the cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.eip import Eip
from cdktf_cdktf_provider_aws.internet_gateway import InternetGateway
from cdktf_cdktf_provider_aws.nat_gateway import NatGateway
from cdktf_cdktf_provider_aws.route import Route
from cdktf_cdktf_provider_aws.route_table import RouteTable
from cdktf_cdktf_provider_aws.route_table_association import RouteTableAssociation
from cdktf_cdktf_provider_aws.subnet import Subnet
from cdktf_cdktf_provider_aws.vpc import Vpc
from cdktf_cdktf_provider_aws.vpc_endpoint import VpcEndpoint
from constructs.naming.component import Component, Scope
from constructs.network.default_security_group import ClosedDefaultSecurityGroup

ANYWHERE = "0.0.0.0/0"


def zone_suffix(availability_zone: str) -> str:
    """`a` of `eu-west-1a`: tells the zones of one region apart in addresses and names."""
    return availability_zone[-1]


@dataclass(frozen=True, kw_only=True)
class ClusterNetworkProps:
    """Inputs of `ClusterNetwork`."""

    cidr: str
    availability_zones: Sequence[str]
    public_cidrs: Sequence[str]
    """One per zone, in the order of the zones."""

    private_cidrs: Sequence[str]
    nat_gateway_per_zone: bool = False
    """False: one, in the first zone, for all; that zone's failure takes everybody's way out."""

    private_tags: Mapping[str, str] = field(default_factory=dict)
    """Tags of the private subnets, for those who look for them by these."""


class ClusterNetwork(Component):
    """A VPC with a public and a private subnet in every zone.

    Private subnets reach the Internet through NAT, and S3 through a gateway endpoint, which costs nothing and keeps
    task logs and image layers off the NAT gateway. The default security group allows nothing.
    """

    def __init__(self, scope: Scope, id_: str, props: ClusterNetworkProps) -> None:
        super().__init__(scope, id_)
        self.cidr = props.cidr
        vpc = self.add(Vpc, "cluster", cidr_block=props.cidr, enable_dns_support=True, enable_dns_hostnames=True)
        self.vpc_id: str = vpc.id
        self.vpc_address = "aws_vpc.cluster"
        ClosedDefaultSecurityGroup(self, "default-security-group", "cluster", vpc.id)
        zones = props.availability_zones
        public = dict(zip(zones, props.public_cidrs, strict=True))
        private = dict(zip(zones, props.private_cidrs, strict=True))

        # The load balancer controller finds its subnets by these tags (its documentation, "Subnet auto discovery").
        self._public_subnets = self._subnets("public", public, {"kubernetes.io/role/elb": "1"})
        tags = {"kubernetes.io/role/internal-elb": "1", **props.private_tags}
        self._private_subnets = self._subnets("private", private, tags)
        gateway = self._public_routes()
        nat_zones = zones if props.nat_gateway_per_zone else zones[:1]
        self._nat_gateways = {zone: self._nat_gateway(zone, gateway) for zone in nat_zones}
        self._private_route_tables = {zone: self._private_route_table(zone) for zone in zones}
        self.add(
            VpcEndpoint,
            "s3",
            vpc_id=vpc.id,
            service_name=f"com.amazonaws.{self.names.region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=list(self.private_route_table_ids.values()),
        )

    @property
    def private_subnet_ids(self) -> dict[str, str]:
        """Zone -> subnet of nodes and pods."""
        return {zone: subnet.id for zone, subnet in self._private_subnets.items()}

    @property
    def public_subnet_ids(self) -> dict[str, str]:
        """Zone -> subnet of internet-facing load balancers."""
        return {zone: subnet.id for zone, subnet in self._public_subnets.items()}

    @property
    def private_route_table_ids(self) -> dict[str, str]:
        """Zone -> route table of its private subnet."""
        return {zone: table.id for zone, table in self._private_route_tables.items()}

    @property
    def internet_access(self) -> list[ITerraformDependable]:
        """What nodes need to pull images: for `depends_on`, so that they start with it and lose it last."""
        return list(self._internet_access)

    def _subnets(self, kind: str, cidrs: Mapping[str, str], role: Mapping[str, str]) -> dict[str, Subnet]:
        subnets = {}
        for zone, cidr in cidrs.items():
            subnets[zone] = self.add(
                Subnet,
                f"{kind}_{zone_suffix(zone)}",
                vpc_id=self.vpc_id,
                cidr_block=cidr,
                availability_zone=zone,
                tags=role,
            )
        return subnets

    def _public_routes(self) -> InternetGateway:
        gateway = self.add(InternetGateway, "cluster", vpc_id=self.vpc_id)
        table = self.add(RouteTable, "public", vpc_id=self.vpc_id)
        route = self.add(
            Route,
            "public_internet",
            route_table_id=table.id,
            destination_cidr_block=ANYWHERE,
            gateway_id=gateway.id,
        )
        associations = {
            zone: self.add(
                RouteTableAssociation, f"public_{zone_suffix(zone)}", route_table_id=table.id, subnet_id=subnet.id
            )
            for zone, subnet in self._public_subnets.items()
        }
        self._public_access: dict[str, list[ITerraformDependable]] = {
            zone: [route, association] for zone, association in associations.items()
        }
        self._internet_access: list[ITerraformDependable] = [route, *associations.values()]
        return gateway

    def _nat_gateway(self, zone: str, internet: InternetGateway) -> NatGateway:
        name = f"nat_{zone_suffix(zone)}"
        address = self.add(Eip, name, domain="vpc", depends_on=[internet])
        return self.add(
            NatGateway,
            name,
            allocation_id=address.allocation_id,
            subnet_id=self._public_subnets[zone].id,
            depends_on=self._public_access[zone],
        )

    def _private_route_table(self, zone: str) -> RouteTable:
        name = f"private_{zone_suffix(zone)}"
        table = self.add(RouteTable, name, vpc_id=self.vpc_id)
        nat_gateway = self._nat_gateways.get(zone) or next(iter(self._nat_gateways.values()))
        self._internet_access.append(
            self.add(
                Route,
                f"{name}_internet",
                route_table_id=table.id,
                destination_cidr_block=ANYWHERE,
                nat_gateway_id=nat_gateway.id,
            )
        )
        self._internet_access.append(
            self.add(RouteTableAssociation, name, route_table_id=table.id, subnet_id=self._private_subnets[zone].id)
        )
        return table
