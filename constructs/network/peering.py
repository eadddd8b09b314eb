"""The peering between the cluster's and the database's VPC."""

from __future__ import annotations

from dataclasses import dataclass

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.route import Route
from cdktf_cdktf_provider_aws.vpc_peering_connection import VpcPeeringConnection
from cdktf_cdktf_provider_aws.vpc_peering_connection_options import (
    VpcPeeringConnectionOptions,
    VpcPeeringConnectionOptionsAccepter,
    VpcPeeringConnectionOptionsRequester,
)
from constructs.naming.component import Component, Scope
from constructs.network.cluster_network import ClusterNetwork, zone_suffix
from constructs.network.database_network import DatabaseNetwork


@dataclass(frozen=True, kw_only=True)
class PeeringProps:
    """Inputs of `Peering`."""

    cluster: ClusterNetwork
    database: DatabaseNetwork


class Peering(Component):
    """An active peering with a route in every route table that needs one and DNS resolution both ways.

    With DNS resolution the database's host name means its private address on both sides. Public subnets of the cluster
    hold load balancers and NAT gateways only and get no route.
    """

    def __init__(self, scope: Scope, id_: str, props: PeeringProps) -> None:
        super().__init__(scope, id_)
        peering = self.add(
            VpcPeeringConnection,
            "database",
            vpc_id=props.cluster.vpc_id,
            peer_vpc_id=props.database.vpc_id,
            auto_accept=True,
        )
        self.add(
            VpcPeeringConnectionOptions,
            "database",
            vpc_peering_connection_id=peering.id,
            requester=VpcPeeringConnectionOptionsRequester(allow_remote_vpc_dns_resolution=True),
            accepter=VpcPeeringConnectionOptionsAccepter(allow_remote_vpc_dns_resolution=True),
        )
        for zone, table in props.cluster.private_route_table_ids.items():
            self._route(f"private_{zone_suffix(zone)}_database", table, props.database.cidr, peering.id)
        self._route("database_cluster", props.database.route_table_id, props.cluster.cidr, peering.id)
        self.active: list[ITerraformDependable] = [peering]
        """The accepted peering: a security group of one side may name one of the other only from then on."""

    def _route(self, name: str, route_table_id: str, destination: str, peering_id: str) -> None:
        self.add(
            Route,
            name,
            route_table_id=route_table_id,
            destination_cidr_block=destination,
            vpc_peering_connection_id=peering_id,
        )
