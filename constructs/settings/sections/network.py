"""Section `network`: address ranges, NAT gateways, flow logs, and how the ranges are cut into subnets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Annotated, Literal

from constructs.settings.values import facts
from constructs.settings.values.logs import LogRetention
from constructs.settings.values.ranges import PRIVATE, SHARED, Cidr, refuse_overlap
from constructs.settings.values.section import Section
from constructs.settings.values.shapes import mistake
from pydantic import Field, ValidationInfo, field_validator

#: Smallest subnets: private ones hold an address per pod, a load balancer wants 8 free addresses in each public one
#: (AWS: "at least 8 free IP addresses", subnets of at least /27), and nothing smaller than /28 exists in a VPC.
LONGEST_PRIVATE, LONGEST_PUBLIC, LONGEST_DATABASE = 24, 27, 28


@dataclass(frozen=True)
class SubnetPlan:
    """The CIDR range of every subnet, in the order of the zones."""

    private: tuple[str, ...]
    public: tuple[str, ...]
    database: tuple[str, ...]


class NetworkSettings(Section):
    """Two VPCs, one for the cluster and one for the database, peered."""

    cluster_vpc_cidr: Annotated[str, Cidr(16, 20, (*PRIVATE, SHARED))] = Field(
        default="10.0.0.0/16",
        description="IPv4 range of the cluster's VPC, /16 to /20, private addresses. Every pod takes one address. "
        "Cannot be changed without replacing the cluster.",
    )
    database_vpc_cidr: Annotated[str, Cidr(16, 26, (*PRIVATE, SHARED), "10.1.0.0/24")] = Field(
        default="10.1.0.0/24",
        description="IPv4 range of the database's VPC, /16 to /26 (/25 with four zones or more), private addresses. "
        "Must not overlap cluster_vpc_cidr. Cannot be changed without replacing the database.",
    )
    nat_gateways: Literal["one", "one_per_zone"] = Field(
        default="one",
        description="NAT gateways: `one` for all zones (cheaper; without its zone no node reaches the Internet) "
        "or `one_per_zone`.",
    )
    flow_log_retention_days: LogRetention = Field(
        default=30, description="How long CloudWatch Logs keeps the flow logs of both VPCs, in days."
    )

    @field_validator("cluster_vpc_cidr", "database_vpc_cidr")
    @classmethod
    def _suffices(cls, cidr: str, info: ValidationInfo) -> str:
        facts.note(str(info.field_name), cidr)
        zones = facts.known().availability_zones
        if zones is not None:
            check = _refuse_small_cluster_subnets if info.field_name == "cluster_vpc_cidr" else _refuse_small_database
            check(cidr, len(zones))
        return cidr

    @field_validator("database_vpc_cidr")
    @classmethod
    def _is_apart(cls, cidr: str, info: ValidationInfo) -> str:
        refuse_overlap(cidr, {"network.cluster_vpc_cidr": info.data.get("cluster_vpc_cidr")})
        return cidr

    def plan(self, zones: Sequence[str]) -> SubnetPlan:
        """Return the subnets' ranges for these availability zones.

        Each VPC is cut into 4 equal blocks, 8 from four zones on, so that adding a zone on the same side of that moves
        no existing subnet. The cluster VPC's first blocks are private, its last one is cut into 8 public subnets.
        """
        private, public = _cluster_subnets(self.cluster_vpc_cidr, len(zones))
        database = _blocks(self.database_vpc_cidr, len(zones))[: len(zones)]
        return SubnetPlan(_texts(private), _texts(public), _texts(database))


def _blocks(cidr: str, zones: int) -> list[IPv4Network]:
    return list(IPv4Network(cidr).subnets(prefixlen_diff=2 if zones < 4 else 3))  # noqa: PLR2004 - 4 or 8 blocks


def _cluster_subnets(cidr: str, zones: int) -> tuple[list[IPv4Network], list[IPv4Network]]:
    blocks = _blocks(cidr, zones)
    return blocks[:zones], list(blocks[-1].subnets(prefixlen_diff=3))[:zones]


def _texts(networks: Sequence[IPv4Network]) -> tuple[str, ...]:
    return tuple(map(str, networks))


def _refuse_small_cluster_subnets(cidr: str, zones: int) -> None:
    private, public = _cluster_subnets(cidr, zones)
    if private[0].prefixlen > LONGEST_PRIVATE or public[0].prefixlen > LONGEST_PUBLIC:
        raise mistake(
            allowed=f"a range that gives each of {zones} zones a private /{LONGEST_PRIVATE} and a public "
            f"/{LONGEST_PUBLIC} subnet, or larger ones",
            fix="use a shorter prefix, such as /16",
            note=f"too small for the subnets: private {private[0]}, public {public[0]}",
        )


def _refuse_small_database(cidr: str, zones: int) -> None:
    prefix = IPv4Network(cidr).prefixlen + (2 if zones < 4 else 3)  # noqa: PLR2004 - 4 or 8 blocks
    if prefix > LONGEST_DATABASE:
        raise mistake(
            allowed=f"a range that gives each of {zones} zones a /{LONGEST_DATABASE} subnet or a larger one",
            fix="use a shorter prefix, such as /24",
            note=f"too small for the subnets: /{prefix} each",
        )
