"""A small network that holds all that the proofs ask for."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from constructs.checks.synthesized import SynthesizedStack

NODES_GROUP = "${aws_eks_cluster.cluster.vpc_config[0].cluster_security_group_id}"


@pytest.fixture
def resources() -> dict[str, Any]:
    """One subnet with nodes, one public, one of the database, in two peered VPCs; to be broken by a test."""
    peering = "${aws_vpc_peering_connection.database.id}"
    return {
        "aws_subnet": {
            "private_a": {"vpc_id": "${aws_vpc.cluster.id}", "cidr_block": "10.0.0.0/18"},
            "public_a": {"vpc_id": "${aws_vpc.cluster.id}", "cidr_block": "10.0.192.0/21"},
            "database_a": {"vpc_id": "${aws_vpc.database.id}", "cidr_block": "10.1.0.0/26"},
        },
        "aws_vpc_peering_connection": {
            "database": {
                "vpc_id": "${aws_vpc.cluster.id}",
                "peer_vpc_id": "${aws_vpc.database.id}",
                "auto_accept": True,
            }
        },
        "aws_route_table_association": {
            "private_a": {
                "subnet_id": "${aws_subnet.private_a.id}",
                "route_table_id": "${aws_route_table.private_a.id}",
            },
            "database_a": {
                "subnet_id": "${aws_subnet.database_a.id}",
                "route_table_id": "${aws_route_table.database.id}",
            },
        },
        "aws_route": {
            "private_a_database": {
                "route_table_id": "${aws_route_table.private_a.id}",
                "destination_cidr_block": "10.1.0.0/24",
                "vpc_peering_connection_id": peering,
            },
            "database_cluster": {
                "route_table_id": "${aws_route_table.database.id}",
                "destination_cidr_block": "10.0.0.0/16",
                "vpc_peering_connection_id": peering,
            },
        },
        "aws_eks_node_group": {"default": {"subnet_ids": ["${aws_subnet.private_a.id}"]}},
        "aws_db_subnet_group": {"metadata": {"subnet_ids": ["${aws_subnet.database_a.id}"]}},
        "aws_security_group": {
            "database": {
                "vpc_id": "${aws_vpc.database.id}",
                "ingress": [
                    {
                        "protocol": "tcp",
                        "from_port": 5432,
                        "to_port": 5432,
                        "cidr_blocks": None,
                        "ipv6_cidr_blocks": None,
                        "prefix_list_ids": None,
                        "security_groups": [NODES_GROUP],
                        "self": None,
                    }
                ],
            }
        },
        "aws_db_instance": {
            "metadata": {
                "publicly_accessible": False,
                "vpc_security_group_ids": ["${aws_security_group.database.id}"],
            }
        },
    }


StackOf = Callable[[dict[str, Any]], SynthesizedStack]


@pytest.fixture
def stack_of() -> StackOf:
    """Make a synthesized stack `infrastructure` of resources."""
    return lambda resources: SynthesizedStack("infrastructure", json.dumps({"resource": resources}))
