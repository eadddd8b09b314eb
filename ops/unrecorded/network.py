"""EC2: networks, and the launch templates of nodes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ops.unrecorded.account import Account, tag_mapping
from ops.unrecorded.declared import Declared
from ops.unrecorded.finding import Found


@dataclass(frozen=True)
class _Kind:
    """How EC2 lists one type of resource."""

    terraform_type: str
    operation: str
    items: str
    identifier: str
    filters: str = "Filters"
    """Two operations call it otherwise."""

    paginated: bool = True


_KINDS = (
    _Kind("aws_vpc", "describe_vpcs", "Vpcs", "VpcId"),
    _Kind("aws_subnet", "describe_subnets", "Subnets", "SubnetId"),
    _Kind("aws_internet_gateway", "describe_internet_gateways", "InternetGateways", "InternetGatewayId"),
    _Kind("aws_eip", "describe_addresses", "Addresses", "AllocationId", paginated=False),
    _Kind("aws_nat_gateway", "describe_nat_gateways", "NatGateways", "NatGatewayId", filters="Filter"),
    _Kind("aws_route_table", "describe_route_tables", "RouteTables", "RouteTableId"),
    _Kind("aws_security_group", "describe_security_groups", "SecurityGroups", "GroupId"),
    _Kind("aws_default_security_group", "describe_security_groups", "SecurityGroups", "GroupId"),
    _Kind(
        "aws_vpc_peering_connection",
        "describe_vpc_peering_connections",
        "VpcPeeringConnections",
        "VpcPeeringConnectionId",
    ),
    _Kind("aws_vpc_endpoint", "describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId"),
    _Kind("aws_flow_log", "describe_flow_logs", "FlowLogs", "FlowLogId", filters="Filter"),
    _Kind("aws_launch_template", "describe_launch_templates", "LaunchTemplates", "LaunchTemplateId"),
)

#: EC2 goes on listing these for a while after they are gone.
_GONE = frozenset({"deleting", "deleted", "failed", "rejected", "expired"})


def tagged(account: Account) -> Iterator[Found]:
    """Everything of EC2 that carries the stack's tags."""
    tags = {**account.labels.constant_tags, "Address": "*"}
    filters = [{"Name": f"tag:{key}", "Values": [value]} for key, value in tags.items()]
    for kind in _KINDS:
        for item in _items(account, kind, filters):
            address = account.address(kind.terraform_type, tag_mapping(item.get("Tags")))
            if address and _state(item) not in _GONE:
                yield Found(address, item[kind.identifier], f"{item[kind.identifier]} carries the tag Address")


def _items(account: Account, kind: _Kind, filters: list[dict[str, Any]]) -> Iterator[Any]:
    arguments = {kind.filters: filters}
    if kind.paginated:
        return account.list("ec2", kind.operation, kind.items, **arguments)
    answer = getattr(account.client("ec2"), kind.operation)(**arguments)
    return iter(answer[kind.items])


def _state(item: dict[str, Any]) -> str:
    state = item.get("Status", item.get("State", ""))
    return str(state["Code"] if isinstance(state, dict) else state).lower()


def children(account: Account, declared: Declared) -> Iterator[Found]:
    """Routes, associations and peering options, which carry no tags."""
    tables = _tables(account, declared)
    for address, route in declared.each("aws_route"):
        destination = route["destination_cidr_block"]
        for table in declared.values(route["route_table_id"]):
            for existing in tables.get(table, {}).get("Routes", ()):
                if existing.get("DestinationCidrBlock") == destination:
                    yield Found(address, f"{table}_{destination}", f"{table} has a route to {destination}")
    for address, association in declared.each("aws_route_table_association"):
        subnets = declared.values(association["subnet_id"])
        for table in declared.values(association["route_table_id"]):
            for existing in tables.get(table, {}).get("Associations", ()):
                if (subnet := existing.get("SubnetId")) in subnets:
                    yield Found(address, f"{subnet}/{table}", f"{table} is associated with {subnet}")
    yield from _peering_options(account, declared)


def _tables(account: Account, declared: Declared) -> dict[str, Any]:
    """The route tables of the stack by their ID."""
    identifiers = [
        table for address, _ in declared.each("aws_route_table") for table in declared.objects.get(address, ())
    ]
    if not identifiers:
        return {}
    filters = [{"Name": "route-table-id", "Values": identifiers}]
    found = account.list("ec2", "describe_route_tables", "RouteTables", Filters=filters)
    return {table["RouteTableId"]: table for table in found}


def _peering_options(account: Account, declared: Declared) -> Iterator[Found]:
    """Options are part of their peering: they exist where a side resolves the other's names, which AWS doesn't set."""
    for address, options in declared.each("aws_vpc_peering_connection_options"):
        for peering in declared.values(options["vpc_peering_connection_id"]):
            filters = [{"Name": "vpc-peering-connection-id", "Values": [peering]}]
            found = account.list("ec2", "describe_vpc_peering_connections", "VpcPeeringConnections", Filters=filters)
            sides = [side for item in found for side in (item["RequesterVpcInfo"], item["AccepterVpcInfo"])]
            if any(side.get("PeeringOptions", {}).get("AllowDnsResolutionFromRemoteVpc") for side in sides):
                yield Found(address, peering, f"{peering} resolves host names of the other side")
