"""Less obvious ways to let somebody at the database, or to keep the nodes out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from constructs.checks.proofs import PROOFS

from tests.unit.checks.conftest import StackOf

Resources = dict[str, Any]

OUT = {"route_table_id": "${aws_route_table.database.id}", "gateway_id": "${aws_internet_gateway.x.id}"}

WAYS: dict[str, Callable[[Resources], object]] = {
    "no rule at all": lambda r: r["aws_security_group"]["database"]["ingress"].clear(),
    "nodes with a group of their own": lambda r: r.update(
        aws_launch_template={"default": {"vpc_security_group_ids": ["${aws_security_group.other.id}"]}}
    ),
    "a route inside the table": lambda r: r.update(
        aws_route_table={"database": {"route": [{"cidr_block": "0.0.0.0/0", "gateway_id": "igw-1"}]}}
    ),
    "an IPv6 route": lambda r: r["aws_route"].update(out={**OUT, "destination_ipv6_cidr_block": "::/0"}),
    "a second peering": lambda r: (
        r["aws_vpc_peering_connection"].update(o={"vpc_id": "vpc-9", "peer_vpc_id": "${aws_vpc.database.id}"}),
        r["aws_route"].update(
            out={
                "route_table_id": "${aws_route_table.database.id}",
                "destination_cidr_block": "0.0.0.0/0",
                "vpc_peering_connection_id": "${aws_vpc_peering_connection.o.id}",
            }
        ),
    ),
    "a database without group": lambda r: r["aws_db_instance"]["metadata"].pop("vpc_security_group_ids"),
    "a database without subnets": lambda r: r.pop("aws_db_subnet_group"),
    "a peering that nobody accepts": lambda r: r["aws_vpc_peering_connection"]["database"].pop("auto_accept", None),
}


@pytest.mark.parametrize("way", sorted(WAYS))
def test_is_found(resources: Resources, stack_of: StackOf, way: str) -> None:
    """Each of these is a failure of a proof, not an exception and not silence."""
    WAYS[way](resources)
    assert [failure for proof in PROOFS for failure in proof(stack_of(resources))]
