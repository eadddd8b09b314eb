"""EC2: networks and what belongs to them."""

from collections.abc import Iterator
from typing import Any

from moto.ec2.models import ec2_backends

_GONE = ("deleted", "rejected", "failed", "terminated")


def lines(account_id: str) -> Iterator[str]:
    """Yields a line per EC2 resource that AWS did not make by itself."""
    for region, backend in ec2_backends[account_id].items():
        described = _Ec2(backend)
        for line in (*described.networks(), *described.routing(), *described.gateways(), *described.rest()):
            yield f"{region} ec2:{line}"


class _Ec2:
    """EC2 of one region."""

    def __init__(self, backend: Any) -> None:
        self._ec2 = backend
        self._default_vpcs = {vpc.id for vpc in backend.vpcs.values() if vpc.is_default}

    def _name(self, thing: Any) -> str:
        """Returns the Name of a thing, else the address of its Terraform resource, else `unnamed`."""
        tags = {tag["key"]: tag["value"] for tag in thing.get_tags()}
        return tags.get("Name") or tags.get("Address") or "unnamed"

    def _name_of(self, kind: dict[str, Any], identifier: str) -> str:
        return self._name(kind[identifier]) if identifier in kind else "gone"

    def _subnets(self) -> dict[str, Any]:
        return {subnet_id: subnet for zone in self._ec2.subnets.values() for subnet_id, subnet in zone.items()}

    def networks(self) -> Iterator[str]:
        """VPCs, subnets, security groups and their rules, peerings, flow logs."""
        ec2 = self._ec2
        for vpc in ec2.vpcs.values():
            if vpc.id not in self._default_vpcs:
                yield f"vpc {self._name(vpc)} {vpc.cidr_block}"
        for subnet in self._subnets().values():
            if subnet.vpc_id not in self._default_vpcs:
                yield f"subnet {self._name(subnet)} {subnet.cidr_block} {subnet.availability_zone}"
        for groups in ec2.groups.values():
            for group in groups.values():
                yield from self._security_group(group)
        for peering in ec2.vpc_pcxs.values():
            if peering.status["Code"] not in _GONE:
                yield f"vpc-peering-connection {self._name(peering)} {peering.status['Code']}"
        for flow_log in ec2.flow_logs.values():
            target = flow_log.log_group_name or flow_log.log_destination
            yield f"flow-log of {self._name_of(ec2.vpcs, flow_log.resource_id)} to {target}"

    def _security_group(self, group: Any) -> Iterator[str]:
        if group.vpc_id in self._default_vpcs and group.name == "default":
            return
        label = self._group_label(group)
        if group.name != "default":
            yield f"security-group {label}"
        for direction, rules in (("ingress", group.ingress_rules), ("egress", group.egress_rules)):
            for rule in rules:
                peer = rule.ip_range.get("CidrIp") or rule.ip_range.get("CidrIpv6") or rule.prefix_list_id
                if referenced := rule.source_group.get("GroupId"):
                    other = self._ec2.get_security_group_from_id(referenced)
                    peer = self._group_label(other) if other else "gone"
                ports = "all" if rule.from_port is None else f"{rule.from_port}-{rule.to_port}"
                yield f"security-group-rule {label} {direction} {rule.ip_protocol} {ports} {peer}"

    def _group_label(self, group: Any) -> str:
        if group.name == "default":
            return f"default of {self._name_of(self._ec2.vpcs, group.vpc_id)}"
        name = self._name(group)
        return name if name != "unnamed" else str(group.name)

    def routing(self) -> Iterator[str]:
        """Route tables that are no main ones, all routes that are not local, associations, gateway endpoints."""
        ec2, subnets = self._ec2, self._subnets()
        for table in ec2.route_tables.values():
            if table.vpc_id in self._default_vpcs:
                continue
            main = f"main of {self._name_of(ec2.vpcs, table.vpc_id)}"
            label = main if table.main_association_id else self._name(table)
            if not table.main_association_id:
                yield f"route-table {label}"
            for subnet_id in table._associations.values():
                yield f"route-table-association {label} {self._name_of(subnets, subnet_id)}"
            for route in table._routes.values():
                if not route.local:
                    yield f"route {label} {self._destination(route)} {self._target(route)}"
        for endpoint in ec2.vpc_end_points.values():
            if endpoint.state not in _GONE:
                yield f"vpc-endpoint {self._name(endpoint)} {endpoint.service_name}"

    @staticmethod
    def _destination(route: Any) -> str:
        prefix_list = route.destination_prefix_list
        by_list = prefix_list.prefix_list_name if prefix_list else None
        return str(route.destination_cidr_block or route.destination_ipv6_cidr_block or by_list)

    def _target(self, route: Any) -> str:
        if route.vpc_endpoint_id:
            return "vpc-endpoint"
        for kind in ("gateway", "nat_gateway", "vpc_pcx", "interface", "transit_gateway"):
            if target := getattr(route, kind):
                return f"{kind} {self._name(target)}"
        return "nowhere"

    def gateways(self) -> Iterator[str]:
        """Internet and NAT gateways, elastic IPs."""
        ec2 = self._ec2
        for gateway in ec2.internet_gateways.values():
            if not gateway.vpc or gateway.vpc.id not in self._default_vpcs:
                yield f"internet-gateway {self._name(gateway)}"
        for gateway in ec2.nat_gateways.values():
            if gateway.state not in _GONE:
                yield f"nat-gateway {self._name(gateway)}"
        for address in ec2.addresses:
            tags = {tag["key"]: tag["value"] for tag in ec2.describe_tags({"resource-id": [address.allocation_id]})}
            yield f"elastic-ip {tags.get('Name') or tags.get('Address') or 'unnamed'}"

    def rest(self) -> Iterator[str]:
        """Launch templates, instances, volumes, network interfaces."""
        ec2 = self._ec2
        for template in ec2.launch_templates.values():
            yield f"launch-template {template.name} version {template.latest_version_number}"
        for reservation in ec2.reservations.values():
            for instance in reservation.instances:
                if instance.state not in _GONE:
                    yield f"instance {self._name(instance)}"
        for volume in ec2.volumes.values():
            yield f"volume {self._name(volume)} {volume.size} GiB"
        for interface in ec2.enis.values():
            label = interface.description or self._name(interface)
            yield f"network-interface {label} in {self._name(interface.subnet)}"
