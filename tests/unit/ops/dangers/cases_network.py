"""The network: changes, and what each is told to do."""

from __future__ import annotations

from tests.unit.ops.dangers.judged import Block, Case, allow, policy, rule


def igw_route(destination: str, gateway: str = "igw-1") -> Block:
    """A route to the Internet."""
    return {"destination_cidr_block": destination, "gateway_id": gateway}


#: A rule whose last port is that of something else, as Terraform has it.
WITH_A_REFERENCE = (
    '[{"cidr_blocks": ["10.0.0.0/8"], "from_port": 5432, "ipv6_cidr_blocks": [], "prefix_list_ids": [], '
    '"protocol": "tcp", "security_groups": [], "self": false, "to_port": "${x.port}"}]'
)

NETWORK_CASES: list[Case] = [
    (
        "aws_security_group",
        {"ingress": [rule(5432, groups=("sg-1",))], "egress": []},
        {"ingress": [rule(5432, groups=("sg-1",)), rule(22, "0.0.0.0/0")], "egress": []},
        ["opens lets more in: tcp 5432 sg-1 -> tcp 22 0.0.0.0/0, tcp 5432 sg-1"],
    ),
    (
        "aws_security_group",
        {"ingress": [rule(1, "10.0.0.0/8", to=6000)], "egress": []},
        {"ingress": [rule(5432, "10.1.0.0/16")], "egress": []},
        [],
    ),
    (
        "aws_security_group",
        {"ingress": [rule(5432, "10.0.0.0/8")], "egress": []},
        {"ingress": [rule(0, "10.0.0.0/8", protocol="-1")], "egress": [rule(0, "0.0.0.0/0", protocol="-1")]},
        [
            "opens lets more in: tcp 5432 10.0.0.0/8 -> everything 10.0.0.0/8",
            "opens lets more out: (none) -> everything 0.0.0.0/0",
        ],
    ),
    (
        "aws_security_group",
        {"ingress": [rule(5432, "10.0.0.0/8")], "egress": []},
        {"ingress": "${data.x.y.rules}", "egress": []},
        ["opens ingress: it can't be told what it will let through: tcp 5432 10.0.0.0/8 -> ${data.x.y.rules}"],
    ),
    (
        "aws_security_group",
        None,
        {"ingress": [], "egress": [{**rule(5432, "10.0.0.0/8"), "to_port": "${x.port}"}]},
        [f"opens egress: it can't be told what it will let through: (none) -> {WITH_A_REFERENCE}"],
    ),
    ("aws_security_group", {"ingress": [rule(22, "10.0.0.0/8")]}, None, []),
    (
        "aws_default_security_group",
        {"ingress": [], "egress": []},
        {"ingress": [{**rule(22), "self": True}], "egress": []},
        ["opens lets more in: (none) -> tcp 22 itself"],
    ),
    (
        "aws_route",
        None,
        igw_route("0.0.0.0/0"),
        ["opens a subnet gets a way to and from the Internet: (none) -> 0.0.0.0/0 by gateway_id igw-1"],
    ),
    ("aws_route", None, {"destination_cidr_block": "0.0.0.0/0", "nat_gateway_id": "nat-1"}, []),
    (
        "aws_route",
        {"destination_cidr_block": "0.0.0.0/0", "nat_gateway_id": "nat-1"},
        igw_route("0.0.0.0/0"),
        [
            (
                "opens a subnet gets a way to and from the Internet: 0.0.0.0/0 by nat_gateway_id nat-1 -> 0.0.0.0/0 by "
                "gateway_id igw-1"
            ),
            (
                "interrupts a way out of a subnet goes or changes: 0.0.0.0/0 by nat_gateway_id nat-1 -> 0.0.0.0/0 by "
                "gateway_id igw-1"
            ),
        ],
    ),
    (
        "aws_subnet",
        {"map_public_ip_on_launch": False},
        {"map_public_ip_on_launch": True},
        ["opens what starts here gets a public address: false -> true"],
    ),
    (
        "aws_vpc",
        {"enable_dns_support": True, "enable_dns_hostnames": True},
        {"enable_dns_support": False, "enable_dns_hostnames": True},
        ["interrupts host names of AWS are found no more: true -> false"],
    ),
    ("aws_route_table", {"id": "rtb-1"}, None, ["interrupts destroyed: its subnets lose their ways out"]),
    (
        "aws_route_table_association",
        {"route_table_id": "rtb-1"},
        {"route_table_id": "rtb-2"},
        ["opens a subnet gets the routes of another table: rtb-1 -> rtb-2"],
    ),
    (
        "aws_internet_gateway",
        {"id": "igw-1"},
        None,
        ["interrupts destroyed: nothing in the VPC reaches the Internet or is reached"],
    ),
    (
        "aws_nat_gateway",
        {"id": "nat-1"},
        None,
        ["interrupts destroyed: private subnets lose their way to the Internet, or get another address there"],
    ),
    (
        "aws_eip",
        {"id": "eip-1"},
        None,
        ["interrupts destroyed: a public address is given up, which others may have on a list"],
    ),
    (
        "aws_vpc_endpoint",
        {"route_table_ids": ["a", "b"], "policy": policy(allow("s3:*"))},
        {"route_table_ids": ["a"], "policy": policy(allow("s3:*"))},
        ["weakens subnets reach the service over NAT and the Internet: b, a -> a"],
    ),
    ("aws_vpc_peering_connection", None, {"vpc_id": "vpc-1"}, ["opens new: two networks are joined"]),
    (
        "aws_vpc_peering_connection_options",
        {"accepter": [{"allow_remote_vpc_dns_resolution": True}]},
        {"accepter": [{"allow_remote_vpc_dns_resolution": False}]},
        ["interrupts names are found no more: true -> false"],
    ),
    (
        "aws_flow_log",
        {"traffic_type": "ALL"},
        {"traffic_type": "REJECT"},
        ["weakens not all connections are recorded: ALL -> REJECT"],
    ),
    ("aws_flow_log", {"traffic_type": "ALL"}, None, ["weakens destroyed: connections are recorded no more"]),
    (
        "aws_route53_record",
        {"name": "airflow.acme.com", "records": ["a"]},
        {"name": "airflow.acme.com", "records": ["b"]},
        ["interrupts the name leads elsewhere: a -> b"],
    ),
]
