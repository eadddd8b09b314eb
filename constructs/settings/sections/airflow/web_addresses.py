"""Names and ranges of addresses in section `airflow.web`: what the web UI is called, and who reaches it."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network
from typing import Annotated

from constructs.settings.values.ranges import PRIVATE, SHORTEST_NAMED_PREFIX, Cidr, refuse_slices
from constructs.settings.values.shapes import Shape, mistake

ClientRange = Annotated[str, Cidr(0, 32, example="203.0.113.0/24")]
_LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
HostName = Annotated[
    str,
    Shape(
        rf"{_LABEL}(\.{_LABEL})*\.[a-z]([a-z0-9-]{{0,61}}[a-z0-9])?",
        allowed="a DNS name in lower case with at least one dot, at most 253 characters, such as airflow.example.com",
        fix="write the name only: no https://, no path, no port",
        longest=253,
    ),
]
HostedZoneId = Annotated[
    str,
    Shape(
        "Z[A-Z0-9]{1,31}",
        allowed="the id of a Route 53 hosted zone: Z, then capital letters and digits, without /hostedzone/",
        fix="copy it from: aws route53 list-hosted-zones-by-name",
        longest=32,
    ),
]
IngressGroup = Annotated[
    str,
    Shape(
        r"[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?",
        allowed="the name of a group of Ingresses: 1 to 63 lower-case letters, digits, dots and hyphens inside",
        fix="write what the other Ingresses have as alb.ingress.kubernetes.io/group.name, such as internal-tools",
        longest=63,
    ),
]
ProxyRange = Annotated[str, Cidr(SHORTEST_NAMED_PREFIX, 32, example="10.0.0.0/18")]


def refuse_clients(cidrs: Sequence[str], *, scheme: str | None, opened: bool | None) -> None:
    """Refuse ranges of clients that are as good as the whole Internet, or that never arrive.

    Raises:
        PydanticCustomError: what is allowed, and how to fix it.
    """
    wide = [cidr for cidr in cidrs if IPv4Network(cidr).prefixlen < SHORTEST_NAMED_PREFIX]
    if wide and opened is False:
        raise mistake(
            allowed=f"ranges of /{SHORTEST_NAMED_PREFIX} or smaller; larger ones only where "
            "airflow.web.open_to_the_internet: true says so",
            fix="name your own range, such as 203.0.113.0/24; or add open_to_the_internet: true",
            note=f"open to the Internet: {', '.join(wide)}",
        )
    if opened is False:
        refuse_slices(cidrs, setting="airflow.web.open_to_the_internet")
    private = [cidr for cidr in cidrs if any(IPv4Network(cidr).subnet_of(range_) for range_ in PRIVATE)]
    if private and scheme == "internet-facing":
        raise mistake(
            allowed="public addresses while airflow.web.scheme is internet-facing: what comes over the Internet "
            "never comes from private ones",
            fix="name the public address that your network leaves by (curl https://checkip.amazonaws.com shows it)"
            ", or set scheme: internal",
            note=f"private: {', '.join(private)}",
        )


def check_proxies(cidrs: Sequence[str] | None, *, expose: str | None) -> None:
    """Refuse an Ingress controller of one's own without its proxies, and proxies without one.

    Raises:
        PydanticCustomError: what is allowed, and how to fix it.
    """
    if expose == "service" and cidrs is None:
        raise mistake(
            allowed="1 to 20 ranges: nobody else reaches the web UI, or is believed what a request was",
            fix="add the ranges of your Ingress controller's pods; network.cluster_vpc_cidr holds all pods",
        )
    if expose in ("load_balancer", "none") and cidrs is not None:
        raise mistake(
            allowed=f"nothing while airflow.web.expose is {expose}: it is for an Ingress controller of your own",
            fix="remove it, or write airflow.web.expose: service",
        )
