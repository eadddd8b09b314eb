"""What opens or interrupts the network: rules of security groups, routes, gateways, peering, endpoints, records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ops.dangers.policies import widened_policy
from ops.dangers.ranges import opened
from ops.dangers.resource_change import ResourceChange
from ops.dangers.rules import (
    Rule,
    changed,
    first,
    gone,
    is_true,
    members,
    not_any_more,
    number,
    raised,
    switched_off,
    switched_on,
    taken_off,
)
from ops.plan_report.danger import Danger, Kind, danger
from ops.plan_report.report import Action


@dataclass(frozen=True)
class Opening:
    """One source or destination that a security group lets through on some ports."""

    protocol: str
    first: int
    last: int
    peer: str

    @property
    def everything(self) -> bool:
        """Whether it holds for all protocols, whatever ports it names."""
        return self.protocol in ("-1", "all")

    def covers(self, other: Opening) -> bool:
        """Whether it lets through all that the other one does."""
        ports = self.everything or (
            self.protocol == other.protocol and self.first <= other.first and other.last <= self.last
        )
        return ports and not opened([self.peer], [other.peer])

    def __str__(self) -> str:
        """`tcp 5432 10.0.0.0/16`."""
        if self.everything:
            return f"everything {self.peer}"
        ports = f"{self.first}" if self.first == self.last else f"{self.first}-{self.last}"
        return f"{self.protocol} {ports} {self.peer}"


def openings(rules: Any) -> list[Opening]:
    """Return what the rules of a security group let through, one for each peer; none where they aren't known yet."""
    found = []
    for rule in rules if _known(rules) else ():
        lists = ("cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "security_groups")
        peers = [peer for name in lists for peer in members(rule.get(name))]
        peers += ["itself"] if is_true(rule.get("self")) else []
        protocol, first, last = str(rule.get("protocol")), rule.get("from_port"), rule.get("to_port")
        found += [Opening(protocol, int(first or 0), int(last or 0), peer) for peer in peers]
    return found


def _known(rules: Any) -> bool:
    """Whether there are rules, each with its ports: one may be a reference, or only known after apply."""
    return isinstance(rules, list) and all(
        isinstance(rule, Mapping) and all(number(rule.get(port) or 0) is not None for port in ("from_port", "to_port"))
        for rule in rules
    )


def lets_through(path: str, what: str) -> Rule:
    """What a security group lets through and did not; another group as the peer of a replaced one counts, too.

    Rules that nobody knows yet are taken for such that let more through.
    """

    def rule(change: ResourceChange) -> Iterator[Danger]:
        before, after = openings(change.was(path)), openings(change.becomes(path))
        if (rules := change.becomes(path)) is not None and not _known(rules):
            said = f"{path}: it can't be told what it will let through"
            yield danger(Kind.OPENS, said, list(map(str, before)), rules)
        new = [opening for opening in after if not any(old.covers(opening) for old in before)]
        if new:
            listed = first(list(map(str, new)), list(map(str, after)))
            yield danger(Kind.OPENS, what, list(map(str, before)), listed)

    return rule


#: Targets of a route by which a subnet can be reached from outside its VPC. NAT lets nobody in, and what a peering
#: joins is said of the peering.
_REACHED_BY = {
    "gateway_id": "the Internet",
    "transit_gateway_id": "a transit gateway",
    "network_interface_id": "an interface",
}


def _route(change: ResourceChange) -> Iterator[Danger]:
    """A route that leads to where none led; one that goes."""
    after, before = _way(change.after), _way(change.before)
    if change.goes and before == after:
        yield Danger(kind=Kind.INTERRUPTS, what=f"replaced: a way out of a subnet goes meanwhile; {change.reason}")
    elif before and before != after:
        yield danger(Kind.INTERRUPTS, "a way out of a subnet goes or changes", before, after)
    for target, where in _REACHED_BY.items():
        leads = (change.becomes(target) or None, _destination(change.after))
        led = (change.was(target) or None, _destination(change.before))
        if leads[0] and leads != led and (led[0] is None or leads[1] != led[1]):
            yield danger(Kind.OPENS, f"a subnet gets a way to and from {where}", before, after)


def _destination(route: Mapping[str, Any]) -> str:
    return str(route.get("destination_cidr_block") or route.get("destination_ipv6_cidr_block") or "")


def _way(route: Mapping[str, Any]) -> str:
    targets = (*_REACHED_BY, "vpc_peering_connection_id", "nat_gateway_id", "egress_only_gateway_id")
    found = next((f"{name} {route[name]}" for name in targets if route.get(name)), "")
    return f"{_destination(route)} by {found}" if found else ""


_VPC = "all that is in the network goes with it"

NETWORK: dict[str, tuple[Rule, ...]] = {
    "aws_security_group": (lets_through("ingress", "lets more in"), lets_through("egress", "lets more out")),
    "aws_default_security_group": (lets_through("ingress", "lets more in"), lets_through("egress", "lets more out")),
    "aws_vpc": (
        gone(_VPC, Kind.INTERRUPTS),
        switched_off("enable_dns_support", "host names of AWS are found no more", Kind.INTERRUPTS),
        switched_off("enable_dns_hostnames", "host names of AWS are found no more", Kind.INTERRUPTS),
    ),
    "aws_subnet": (
        gone("what runs in the subnet goes with it", Kind.INTERRUPTS),
        switched_on("map_public_ip_on_launch", "what starts here gets a public address", Kind.OPENS, created=True),
    ),
    "aws_route": (_route,),
    "aws_route_table": (gone("its subnets lose their ways out", Kind.INTERRUPTS),),
    "aws_route_table_association": (
        gone("a subnet loses its routes meanwhile", Kind.INTERRUPTS),
        changed("route_table_id", "a subnet gets the routes of another table", Kind.OPENS),
    ),
    "aws_internet_gateway": (gone("nothing in the VPC reaches the Internet or is reached", Kind.INTERRUPTS),),
    "aws_nat_gateway": (
        gone("private subnets lose their way to the Internet, or get another address there", Kind.INTERRUPTS),
    ),
    "aws_eip": (gone("a public address is given up, which others may have on a list", Kind.INTERRUPTS),),
    "aws_vpc_endpoint": (
        gone("traffic to the service goes over NAT and the Internet", Kind.WEAKENS),
        taken_off("route_table_ids", "subnets reach the service over NAT and the Internet"),
        widened_policy("policy", "the endpoint's policy"),
    ),
    "aws_vpc_peering_connection": (
        gone("two networks are joined", Kind.OPENS, actions=(Action.ADD,)),
        gone("the database is not reached from the cluster meanwhile", Kind.INTERRUPTS),
    ),
    "aws_vpc_peering_connection_options": (
        switched_off("accepter.allow_remote_vpc_dns_resolution", "names are found no more", Kind.INTERRUPTS),
        switched_off("requester.allow_remote_vpc_dns_resolution", "names are found no more", Kind.INTERRUPTS),
        gone("host names of the other VPC are found no more", Kind.INTERRUPTS, actions=(Action.DESTROY,)),
    ),
    "aws_flow_log": (
        gone("connections are recorded no more", Kind.WEAKENS),
        not_any_more("traffic_type", "ALL", "not all connections are recorded", Kind.WEAKENS),
        raised("max_aggregation_interval", "connections are recorded more coarsely", Kind.WEAKENS),
    ),
    "aws_route53_record": (
        gone("Airflow is not found under its name", Kind.INTERRUPTS),
        changed("records", "the name leads elsewhere", Kind.INTERRUPTS),
        changed("name", "Airflow has another name", Kind.INTERRUPTS),
    ),
}
