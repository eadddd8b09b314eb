"""The address of the web UI and who reaches it, in section `airflow`."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Annotated, Literal

from constructs.settings.values.arns import CertificateArn
from constructs.settings.values.ranges import PRIVATE, SHORTEST_NAMED_PREFIX, Cidr, refuse_slices
from constructs.settings.values.section import Section
from constructs.settings.values.shapes import Count, Shape, mistake
from pydantic import Field, ValidationInfo, field_validator

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


class WebSettings(Section):
    """The load balancer in front of the web UI. All its text is free of templates by its shape."""

    scheme: Literal["internal", "internet-facing"] = Field(
        default="internal",
        description="`internal`: the load balancer has private addresses, reached from the VPC and what is connected "
        "to it. `internet-facing`: public ones. A change makes a new load balancer.",
    )
    open_to_the_internet: bool = Field(
        default=False,
        description="true allows 0.0.0.0/0 and other ranges larger than a /8 in allowed_cidrs.",
    )
    allowed_cidrs: Annotated[tuple[ClientRange, ...], Count(1, 20, "ranges")] = Field(
        description="IPv4 ranges from which the web UI can be reached: your office or VPN. 1 to 20; public addresses "
        "where scheme is internet-facing."
    )
    unencrypted_http: bool = Field(
        default=False,
        description="true: plain HTTP without a certificate, so that passwords and sessions can be read on the way. "
        "To try things out only. Exactly one of this and certificate_arn.",
    )
    certificate_arn: CertificateArn | None = Field(
        default=None,
        description="ARN of an issued ACM certificate of this account and region, for host_name. Exactly one of this "
        "and unencrypted_http: true.",
    )
    host_name: HostName | None = Field(
        default=None,
        description="DNS name of the web UI, such as airflow.example.com. Required with certificate_arn; without one, "
        "and with plain HTTP, the load balancer's own name is the address.",
    )
    hosted_zone_id: HostedZoneId | None = Field(
        default=None,
        description="Id of the Route 53 hosted zone of this account in which host_name is made. Default: you make that "
        "record yourself. Needs host_name.",
    )

    @property
    def url(self) -> str | None:
        """The address that people type; None where the load balancer's own name is all there is."""
        if self.host_name is None:
            return None
        return f"{'https' if self.certificate_arn else 'http'}://{self.host_name}"

    @field_validator("allowed_cidrs")
    @classmethod
    def _are_narrow_and_arrive(cls, cidrs: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        wide = [cidr for cidr in cidrs if IPv4Network(cidr).prefixlen < SHORTEST_NAMED_PREFIX]
        if wide and info.data.get("open_to_the_internet") is False:
            raise mistake(
                allowed=f"ranges of /{SHORTEST_NAMED_PREFIX} or smaller; larger ones only where "
                "airflow.web.open_to_the_internet: true says so",
                fix="name your own range, such as 203.0.113.0/24; or add open_to_the_internet: true",
                note=f"open to the Internet: {', '.join(wide)}",
            )
        if info.data.get("open_to_the_internet") is False:
            refuse_slices(cidrs, setting="airflow.web.open_to_the_internet")
        private = [cidr for cidr in cidrs if any(IPv4Network(cidr).subnet_of(range_) for range_ in PRIVATE)]
        if private and info.data.get("scheme") == "internet-facing":
            raise mistake(
                allowed="public addresses while airflow.web.scheme is internet-facing: what comes over the Internet "
                "never comes from private ones",
                fix="name the public address that your network leaves by (curl https://checkip.amazonaws.com shows it)"
                ", or set scheme: internal",
                note=f"private: {', '.join(private)}",
            )
        return cidrs

    @field_validator("certificate_arn")
    @classmethod
    def _or_plain_http(cls, arn: str | None, info: ValidationInfo) -> str | None:
        plain = info.data.get("unencrypted_http")
        if arn is None and plain is False:
            raise mistake(
                allowed="the ARN of an ACM certificate; or airflow.web.unencrypted_http: true, which says in so many "
                "words that passwords cross the network in clear",
                fix="add certificate_arn and host_name, or unencrypted_http: true to try things out",
            )
        if arn is not None and plain is True:
            raise mistake(
                allowed="nothing while airflow.web.unencrypted_http is true: with a certificate there is no plain HTTP",
                fix="remove airflow.web.unencrypted_http",
            )
        return arn

    @field_validator("host_name")
    @classmethod
    def _is_there_for_the_certificate(cls, name: str | None, info: ValidationInfo) -> str | None:
        if name is None and info.data.get("certificate_arn") is not None:
            raise mistake(
                allowed="the DNS name that the certificate is for: browsers accept it under no other",
                fix="add airflow.web.host_name, such as airflow.example.com",
            )
        return name

    @field_validator("hosted_zone_id")
    @classmethod
    def _has_a_name_to_make(cls, zone: str | None, info: ValidationInfo) -> str | None:
        if zone is not None and "host_name" in info.data and info.data["host_name"] is None:
            raise mistake(
                allowed="nothing without airflow.web.host_name: that is the record made in the zone",
                fix="add airflow.web.host_name, or remove airflow.web.hosted_zone_id",
            )
        return zone
