"""The resource map of both VPCs, as the console shows it: VPC, subnets, route tables, what the routes lead to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from constructs.checks.reachability import reference_name

from ops.pictures.scene import Box, Link, Scene, column
from ops.pictures.stacks import Stacks

#: What a route leads to: argument, type of the resource, what it is called.
_TARGETS = (
    ("gateway_id", "aws_internet_gateway", "Internet gateway"),
    ("nat_gateway_id", "aws_nat_gateway", "NAT gateway"),
    ("vpc_peering_connection_id", "aws_vpc_peering_connection", "peering"),
)


class _Map:
    """One VPC: its columns, and the links between them."""

    def __init__(self, stacks: Stacks, vpc: str) -> None:
        self._stacks, self.links = stacks, list[Link]()
        self._targets: dict[str, Box] = {}
        self._tables: dict[str, Box] = {}
        own = Box(f"VPC {vpc}", [stacks.cidr(vpc)], "vpc")
        subnets = []
        for name, subnet in stacks.subnets_of(vpc):
            box = Box(name, [str(subnet["cidr_block"]), str(subnet["availability_zone"])], "subnet")
            subnets.append(box)
            self.links.append(Link(own, box))
            self.links.extend(Link(box, self._table(table)) for table in stacks.network.tables(name))
        columns = [[own], subnets, list(self._tables.values()), list(self._targets.values())]
        self.box = Box(f"{vpc} network", [], "vpc", list(map(column, columns)), across=True, apart=56)

    def _table(self, name: str) -> Box:
        if name not in self._tables:
            routes = list(self._stacks.network.routes_in(name))
            self._tables[name] = Box(
                name, ["local", *(str(route["destination_cidr_block"]) for route in routes)], "node"
            )
            for route in routes:
                self._lead(self._tables[name], *_target(route))
            for endpoint, settings in self._stacks.infrastructure.resources("aws_vpc_endpoint").items():
                if f"${{aws_route_table.{name}.id}}" in settings.get("route_table_ids", ()):
                    self._lead(self._tables[name], "gateway endpoint", endpoint)
        return self._tables[name]

    def _lead(self, table: Box, kind: str, name: str) -> None:
        target = self._targets.setdefault(f"{kind} {name}", Box(kind, [name], "store"))
        self.links.append(Link(table, target))


def resource_map(stacks: Stacks) -> Scene:
    """Return VPCs, subnets, route tables and connections, and what belongs to what."""
    maps = [_Map(stacks, vpc) for vpc in stacks.infrastructure.resources("aws_vpc")]
    links = [link for each in maps for link in each.links]
    return Scene("Resource map of both VPCs", column(each.box for each in maps), links)


def _target(route: Mapping[str, Any]) -> tuple[str, str]:
    """Return what a route leads to: what it is called, and its name."""
    for key, terraform_type, words in _TARGETS:
        if route.get(key):
            return words, reference_name(route[key], terraform_type)
    return "elsewhere", str(route["destination_cidr_block"])
