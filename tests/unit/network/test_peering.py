"""The peering between the two VPCs."""

from __future__ import annotations

import pytest
from cdktf_cdktf_provider_aws.route import Route
from constructs.naming.component import Component
from constructs.network.cluster_network import ClusterNetwork
from constructs.network.database_network import DatabaseNetwork
from constructs.network.peering import Peering, PeeringProps

from tests.unit.trial_stack import TrialStack


@pytest.fixture
def peering(stack: TrialStack, cluster_network: ClusterNetwork, database_network: DatabaseNetwork) -> Peering:
    """The peering of the two VPCs in two zones."""
    return Peering(stack, "peering", PeeringProps(cluster=cluster_network, database=database_network))


@pytest.mark.usefixtures("peering")
class TestPeering:
    def test_accepts_itself(self, stack: TrialStack) -> None:
        """Both VPCs are this account's: the connection is active when Terraform says that it is made."""
        connection = stack.resource("aws_vpc_peering_connection.database")
        assert connection["vpc_id"] == "${aws_vpc.cluster.id}"
        assert connection["peer_vpc_id"] == "${aws_vpc.database.id}"
        assert connection["auto_accept"] is True

    def test_resolves_names_both_ways(self, stack: TrialStack) -> None:
        """The database's host name means its private address, asked from either VPC."""
        options = stack.resource("aws_vpc_peering_connection_options.database")
        assert options["requester"] == {"allow_remote_vpc_dns_resolution": True}
        assert options["accepter"] == {"allow_remote_vpc_dns_resolution": True}

    def test_every_private_route_table_leads_to_the_database(self, stack: TrialStack) -> None:
        """Nodes in every zone have a route to the whole database VPC over the peering."""
        for zone in "ab":
            assert stack.resource(f"aws_route.private_{zone}_database") == {
                "route_table_id": f"${{aws_route_table.private_{zone}.id}}",
                "destination_cidr_block": "10.1.0.0/24",
                "vpc_peering_connection_id": "${aws_vpc_peering_connection.database.id}",
            }

    def test_the_databases_route_table_leads_back(self, stack: TrialStack) -> None:
        """Answers reach every subnet of the cluster's VPC."""
        assert stack.resource("aws_route.database_cluster") == {
            "route_table_id": "${aws_route_table.database.id}",
            "destination_cidr_block": "10.0.0.0/16",
            "vpc_peering_connection_id": "${aws_vpc_peering_connection.database.id}",
        }

    def test_public_subnets_have_no_route(self, stack: TrialStack) -> None:
        """Load balancers and NAT gateways have no business with the database."""
        routes = stack.synthesized().resources("aws_route").values()
        public = [route for route in routes if route["route_table_id"] == "${aws_route_table.public.id}"]
        assert [route["destination_cidr_block"] for route in public] == ["0.0.0.0/0"]

    def test_active_is_the_accepted_connection(self, stack: TrialStack, peering: Peering) -> None:
        """What names a security group of the other side waits for the connection."""
        Component(stack, "user").add(Route, "user", route_table_id="rtb", depends_on=peering.active)
        assert stack.resource("aws_route.user")["depends_on"] == ["aws_vpc_peering_connection.database"]
