"""EC2: what AWS refuses and moto does not."""

import ipaddress
from collections.abc import Iterator
from typing import Any

from moto.ec2.exceptions import DependencyViolationError, EC2ClientError, InvalidSecurityGroupNotFoundError
from moto.ec2.models import EC2Backend
from moto.rds.models import rds_backends

from tests.emulator.differences import Replacement, difference
from tests.emulator.services.eks.state import eks_region


def _in_use(what: str, by: str) -> DependencyViolationError:
    return DependencyViolationError(f"The {what} has dependencies and cannot be deleted ({by})")


def _live_nat_gateways(backend: Any) -> list[Any]:
    return [gateway for gateway in backend.nat_gateways.values() if gateway.state != "deleted"]


def _live_endpoints(backend: Any) -> list[Any]:
    return [endpoint for endpoint in backend.vpc_end_points.values() if endpoint.state != "deleted"]


def _users_of_subnet(backend: Any, subnet_id: str) -> Iterator[str]:
    yield from (gateway.id for gateway in _live_nat_gateways(backend) if gateway.subnet_id == subnet_id)
    yield from (endpoint.id for endpoint in _live_endpoints(backend) if subnet_id in (endpoint.subnet_ids or []))
    for cluster in eks_region(backend.account_id, backend.region_name).clusters.values():
        if subnet_id in cluster.description["resourcesVpcConfig"]["subnetIds"]:
            yield cluster.description["arn"]
        yield from (g["nodegroupArn"] for g in cluster.node_groups.values() if subnet_id in g["subnets"])
    for database in rds_backends[backend.account_id][backend.region_name].databases.values():
        if subnet_id in [subnet["SubnetIdentifier"] for subnet in database.db_subnet_group.subnets]:
            yield database.db_instance_arn


@difference(EC2Backend, "delete_subnet", "AWS refuses to delete a subnet with network interfaces in it")
def refuse_subnet_in_use(original: Replacement, backend: Any, subnet_id: str) -> Any:
    """Refuses while a NAT gateway, endpoint, cluster, node group or database is in the subnet."""
    for user in _users_of_subnet(backend, subnet_id):
        raise _in_use(f"subnet '{subnet_id}'", user)
    return original(backend, subnet_id)


def _users_of_group(backend: Any, group_id: str) -> Iterator[str]:
    for groups in backend.groups.values():
        if group_id in groups:
            for other in groups.values():
                rules = [*other.ingress_rules, *other.egress_rules]
                if other.id != group_id and any(rule.source_group.get("GroupId") == group_id for rule in rules):
                    yield other.id
    for database in rds_backends[backend.account_id][backend.region_name].databases.values():
        if group_id in database.vpc_security_group_ids:
            yield database.db_instance_arn
    yield from (endpoint.id for endpoint in _live_endpoints(backend) if group_id in (endpoint.security_group_ids or []))
    yield from _clusters_with_group(backend, group_id)


def _clusters_with_group(backend: Any, group_id: str) -> Iterator[str]:
    for cluster in eks_region(backend.account_id, backend.region_name).clusters.values():
        config = cluster.description["resourcesVpcConfig"]
        if group_id in (*config["securityGroupIds"], config["clusterSecurityGroupId"]):
            yield cluster.description["arn"]
        for node_group in cluster.node_groups.values():
            if group_id in _template_groups(backend, node_group.get("launchTemplate")):
                yield node_group["nodegroupArn"]


def _template_groups(backend: Any, template: dict[str, str] | None) -> list[str]:
    if not template or template["id"] not in backend.launch_templates:
        return []
    data = backend.launch_templates[template["id"]].get_version(template["version"]).data
    named = [group for interface in data.get("NetworkInterfaces", []) for group in interface.get("Groups", [])]
    return [*data.get("SecurityGroupIds", []), *named]


@difference(EC2Backend, "delete_security_group", "AWS refuses to delete a security group in use")
def refuse_group_in_use(
    original: Replacement, backend: Any, name: str | None = None, group_id: str | None = None
) -> Any:
    """Refuses while a rule of the same VPC, a database, endpoint, cluster or node group names the group."""
    for user in _users_of_group(backend, group_id) if group_id else ():
        raise _in_use(f"resource {group_id}", user)
    return original(backend, name=name, group_id=group_id)


@difference(EC2Backend, "delete_vpc", "AWS refuses to delete a VPC that has security groups or a gateway")
def refuse_vpc_in_use(original: Replacement, backend: Any, vpc_id: str) -> Any:
    """Refuses while the VPC has a group beside the default one, an Internet gateway or an endpoint."""
    users = [group.id for group in backend.groups.get(vpc_id, {}).values() if group.name != "default"]
    users += [gateway.id for gateway in backend.internet_gateways.values() if gateway.vpc and gateway.vpc.id == vpc_id]
    users += [endpoint.id for endpoint in _live_endpoints(backend) if endpoint.vpc_id == vpc_id]
    if users:
        raise _in_use(f"vpc '{vpc_id}'", users[0])
    return original(backend, vpc_id)


@difference(EC2Backend, "detach_internet_gateway", "AWS refuses to detach the gateway that public addresses go through")
def refuse_gateway_in_use(original: Replacement, backend: Any, gateway_id: str, vpc_id: str) -> Any:
    """Refuses while a NAT gateway is in the VPC."""
    for gateway in _live_nat_gateways(backend):
        if gateway.vpc_id == vpc_id:
            message = f"Network {vpc_id} has some mapped public address(es) ({gateway.id})"
            raise DependencyViolationError(message)
    return original(backend, gateway_id, vpc_id)


@difference(EC2Backend, "create_nat_gateway", "AWS fails a public NAT gateway in a VPC without an Internet gateway")
def refuse_nat_without_gateway(original: Replacement, backend: Any, subnet_id: str, *args: Any, **options: Any) -> Any:
    """Refuses where the VPC has no Internet gateway: on AWS the NAT gateway ends as `failed`."""
    vpc_id = backend.get_subnet(subnet_id).vpc_id
    attached = any(gateway.vpc and gateway.vpc.id == vpc_id for gateway in backend.internet_gateways.values())
    if not attached and (options.get("connectivity_type") or "public") == "public":
        raise EC2ClientError("Gateway.NotAttached", f"Network {vpc_id} has no Internet gateway attached")
    return original(backend, subnet_id, *args, **options)


@difference(EC2Backend, "release_address", "AWS refuses to release an elastic IP that is in use")
def refuse_address_in_use(
    original: Replacement, backend: Any, address: str | None = None, allocation_id: str | None = None
) -> Any:
    """Refuses while the address is associated."""
    found = backend.address_by_allocation([allocation_id]) if allocation_id else backend.address_by_ip([address])
    if found[0].association_id:
        raise EC2ClientError("InvalidIPAddress.InUse", f"The IP address '{found[0].public_ip}' is in use")
    return original(backend, address, allocation_id)


@difference(EC2Backend, "associate_route_table", "AWS refuses a second association of a subnet; moto ignores the call")
def refuse_second_table(
    original: Replacement,
    backend: Any,
    route_table_id: str,
    gateway_id: str | None = None,
    subnet_id: str | None = None,
) -> Any:
    """Refuses where the subnet is associated, with whichever table."""
    for table in backend.route_tables.values():
        if subnet_id and subnet_id in table._associations.values():
            message = (
                f"the specified association for route table {route_table_id} conflicts with an existing association"
            )
            raise EC2ClientError("Resource.AlreadyAssociated", message)
    return original(backend, route_table_id, gateway_id, subnet_id)


@difference(EC2Backend, "create_vpc_peering_connection", "AWS fails a peering of overlapping networks")
def refuse_overlap(original: Replacement, backend: Any, vpc: Any, peer: Any, tags: Any = None) -> Any:
    """Refuses where the two networks overlap."""
    if ipaddress.ip_network(vpc.cidr_block).overlaps(ipaddress.ip_network(peer.cidr_block)):
        message = f"The CIDR blocks {vpc.cidr_block} and {peer.cidr_block} overlap: the peering would fail"
        raise EC2ClientError("OperationNotPermitted", message)
    return original(backend, vpc, peer, tags)


@difference(EC2Backend, "modify_vpc_peering_connection_options", "AWS changes options of an active peering only")
def refuse_inactive_options(original: Replacement, backend: Any, vpc_pcx_id: str, *args: Any, **options: Any) -> Any:
    """Refuses unless the peering is active."""
    if backend.get_vpc_peering_connection(vpc_pcx_id).status["Code"] != "active":
        raise EC2ClientError("OperationNotPermitted", f"Peering {vpc_pcx_id} is not active")
    return original(backend, vpc_pcx_id, *args, **options)


def _require_active_peering(
    original: Replacement, backend: Any, group_name_or_id: Any = None, *args: Any, **options: Any
) -> Any:
    """Refuses a rule that names a group of a VPC with which there is no active peering."""
    group = backend.get_security_group_by_name_or_id(group_name_or_id, options.get("vpc_id"))
    for source in options.get("source_groups") or []:
        peer = backend.get_security_group_by_name_or_id(source.get("GroupId") or source.get("GroupName"))
        if group and peer and peer.vpc_id != group.vpc_id and not _peered(backend, {group.vpc_id, peer.vpc_id}):
            raise InvalidSecurityGroupNotFoundError(peer.id)
    return original(backend, group_name_or_id, *args, **options)


def _peered(backend: Any, vpc_ids: set[str]) -> bool:
    return any(
        {peering.vpc.id, peering.peer_vpc.id} == vpc_ids and peering.status["Code"] == "active"
        for peering in backend.vpc_pcxs.values()
    )


_PEERING_REASON = "AWS knows a group of another VPC only across an active peering"
difference(EC2Backend, "authorize_security_group_ingress", _PEERING_REASON)(_require_active_peering)
difference(EC2Backend, "authorize_security_group_egress", _PEERING_REASON)(_require_active_peering)
