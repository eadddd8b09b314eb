"""The address of the web UI and who reaches it, in section `airflow`."""

from __future__ import annotations

from typing import Annotated, Literal

from constructs.settings.sections.airflow.access_logs import AccessLogsSettings
from constructs.settings.sections.airflow.web_addresses import (
    ClientRange,
    HostedZoneId,
    HostName,
    IngressGroup,
    ProxyRange,
    check_proxies,
    refuse_clients,
)
from constructs.settings.sections.airflow.web_annotations import Annotations
from constructs.settings.values.arns import CertificateArn, WebAclArnOrNone
from constructs.settings.values.section import Section
from constructs.settings.values.shapes import Count, Whole, mistake
from pydantic import Field, ValidationInfo, field_validator

#: The api-server keeps a connection for 120 seconds: the load balancer must be the one that closes it.
DEFAULT_IDLE_SECONDS = 110
#: Settings of the load balancer: without one they would do nothing.
_OF_THE_BALANCER = (
    *("scheme", "open_to_the_internet", "allowed_cidrs", "certificate_arn", "further_certificate_arns"),
    *("further_host_names", "hosted_zone_id", "waf_acl_arn", "access_logs", "idle_timeout_seconds", "ingress_group"),
    "annotations",
)


class WebSettings(Section):
    """How the web UI is reached. All its text is free of templates by its shape."""

    expose: Literal["load_balancer", "service", "none"] = Field(
        default="load_balancer",
        description="`load_balancer`: an Application Load Balancer is made. `service`: none; an Ingress controller of "
        "your own sends requests to the service airflow-api-server, port 8080. `none`: reached from inside the cluster "
        "and by kubectl port-forward alone.",
    )
    scheme: Literal["internal", "internet-facing"] = Field(
        default="internal",
        description="`internal`: the load balancer has private addresses, reached from the VPC and what is connected "
        "to it. `internet-facing`: public ones. A change makes a new load balancer.",
    )
    open_to_the_internet: bool = Field(
        default=False,
        description="true allows 0.0.0.0/0 and other ranges larger than a /8 in allowed_cidrs.",
    )
    allowed_cidrs: Annotated[tuple[ClientRange, ...], Count(1, 20, "ranges")] | None = Field(
        default=None,
        description="IPv4 ranges from which the web UI can be reached: your office or VPN. 1 to 20; public addresses "
        "where scheme is internet-facing. Required with a load balancer.",
    )
    unencrypted_http: bool = Field(
        default=False,
        description="true: plain HTTP without a certificate, so that passwords and sessions can be read on the way. "
        "To try things out only. With a load balancer exactly one of this and certificate_arn.",
    )
    certificate_arn: CertificateArn | None = Field(
        default=None,
        description="ARN of an issued ACM certificate of this account and region, for host_name. Exactly one of this "
        "and unencrypted_http: true.",
    )
    host_name: HostName | None = Field(
        default=None,
        description="DNS name of the web UI, such as airflow.example.com. Required with certificate_arn, ingress_group "
        "and expose: service; otherwise, with plain HTTP, the load balancer's own name is the address.",
    )
    further_host_names: Annotated[tuple[HostName, ...], Count(0, 10, "names")] = Field(
        default=(),
        description="Further DNS names under which the load balancer answers, at most 10; you make their records "
        "yourself. Links that Airflow writes have host_name. Needs host_name.",
    )
    further_certificate_arns: Annotated[tuple[CertificateArn, ...], Count(0, 20, "certificates")] = Field(
        default=(),
        description="ARNs of further ACM certificates, at most 20: browsers get the one of the name that they ask for, "
        "and certificate_arn where none fits. Needs certificate_arn.",
    )
    hosted_zone_id: HostedZoneId | None = Field(
        default=None,
        description="Id of the Route 53 hosted zone of this account in which host_name is made. Default: you make that "
        "record yourself. Needs host_name.",
    )
    trusted_proxy_cidrs: Annotated[tuple[ProxyRange, ...], Count(1, 20, "ranges")] | None = Field(
        default=None,
        description="IPv4 ranges of the proxies that reach the web UI and whose word on protocol and client is taken: "
        "the addresses of your Ingress controller's pods. 1 to 20, at most a /8. Required with expose: service.",
    )
    waf_acl_arn: WebAclArnOrNone | None = Field(
        default=None,
        description="ARN of a regional web ACL of AWS WAF that requests pass; `none` takes one away again. Default: "
        "whatever is attached stays.",
    )
    access_logs: AccessLogsSettings | None = Field(
        default=None, description="The load balancer writes a line for each request into a bucket. Default: it doesn't."
    )
    idle_timeout_seconds: Annotated[int, Whole(1, 4000, "seconds")] = Field(
        default=DEFAULT_IDLE_SECONDS,
        description="The load balancer closes a connection on which nothing has come for so long, in seconds, 1 to "
        "4000. The api-server keeps its own end open longer.",
    )
    ingress_group: IngressGroup | None = Field(
        default=None,
        description="Name of a group of Ingresses that share one load balancer: others of the cluster join it by the "
        "annotation alb.ingress.kubernetes.io/group.name. All settings here hold for the whole of it. A change makes a "
        "new load balancer. Needs host_name. Default: a load balancer for Airflow alone.",
    )
    annotations: Annotations = Field(
        default={},
        description="Annotations of your own for the Ingress, at most 20; not those that the stack sets.",
    )

    @property
    def has_balancer(self) -> bool:
        """Whether a load balancer is made."""
        return self.expose == "load_balancer"

    @property
    def uses_https(self) -> bool:
        """Whether browsers speak TLS with whatever is in front of the web UI."""
        return self.certificate_arn is not None or (self.expose == "service" and not self.unencrypted_http)

    @property
    def certificate_arns(self) -> tuple[str, ...]:
        """All certificates, the one first that browsers get where none fits."""
        return (self.certificate_arn, *self.further_certificate_arns) if self.certificate_arn else ()

    @property
    def makes_log_bucket(self) -> bool:
        """Whether the load balancer's access logs get a bucket of the project's."""
        return self.access_logs is not None and self.access_logs.bucket is None

    @property
    def host_names(self) -> tuple[str, ...]:
        """All names under which the web UI answers; none: under any."""
        return (self.host_name, *self.further_host_names) if self.host_name else ()

    @property
    def url(self) -> str | None:
        """The address that people type; None where it is the load balancer's own name, or a forwarded port."""
        if self.host_name is None:
            return None
        return f"{'https' if self.uses_https else 'http'}://{self.host_name}"

    @field_validator(*_OF_THE_BALANCER)
    @classmethod
    def _has_a_balancer(cls, value: object, info: ValidationInfo) -> object:
        name = str(info.field_name)
        if info.data.get("expose") in ("service", "none") and value != cls.model_fields[name].default:
            raise mistake(
                allowed=f"nothing while airflow.web.expose is {info.data['expose']}: no load balancer is made",
                fix=f"remove airflow.web.{name}, or airflow.web.expose",
            )
        return value

    @field_validator("unencrypted_http", "host_name")
    @classmethod
    def _is_reached(cls, value: object, info: ValidationInfo) -> object:
        if info.data.get("expose") == "none" and value:
            raise mistake(
                allowed="nothing while airflow.web.expose is none: nobody but kubectl port-forward reaches the web UI",
                fix=f"remove airflow.web.{info.field_name}, or write airflow.web.expose: service",
            )
        return value

    @field_validator("allowed_cidrs")
    @classmethod
    def _are_narrow_and_arrive(cls, cidrs: tuple[str, ...] | None, info: ValidationInfo) -> tuple[str, ...] | None:
        if cidrs is None:
            if info.data.get("expose") == "load_balancer":
                raise mistake(
                    allowed="1 to 20 ranges: who reaches the load balancer is said in so many words",
                    fix="add the key allowed_cidrs, such as allowed_cidrs: [203.0.113.0/24]",
                )
            return None
        refuse_clients(cidrs, scheme=info.data.get("scheme"), opened=info.data.get("open_to_the_internet"))
        return cidrs

    @field_validator("certificate_arn")
    @classmethod
    def _or_plain_http(cls, arn: str | None, info: ValidationInfo) -> str | None:
        plain = info.data.get("unencrypted_http")
        if info.data.get("expose") != "load_balancer":
            return arn
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
        if name is None and info.data.get("expose") == "service":
            raise mistake(
                allowed="the DNS name that your Ingress controller answers under: Airflow's own links have it",
                fix="add airflow.web.host_name, such as airflow.example.com",
            )
        return name

    @field_validator("further_host_names", "further_certificate_arns")
    @classmethod
    def _has_a_first(cls, further: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        first = {"further_host_names": "host_name", "further_certificate_arns": "certificate_arn"}[str(info.field_name)]
        if further and first in info.data and info.data[first] in (None, *further):
            raise mistake(
                allowed=f"further ones beside airflow.web.{first}, each once",
                fix=f"write one of them as airflow.web.{first}, and there alone",
            )
        return further

    @field_validator("trusted_proxy_cidrs")
    @classmethod
    def _are_of_the_proxies(cls, cidrs: tuple[str, ...] | None, info: ValidationInfo) -> tuple[str, ...] | None:
        check_proxies(cidrs, expose=info.data.get("expose"))
        return cidrs

    @field_validator("ingress_group")
    @classmethod
    def _has_a_name_of_its_own(cls, group: str | None, info: ValidationInfo) -> str | None:
        if group is not None and "host_name" in info.data and info.data["host_name"] is None:
            raise mistake(
                allowed="nothing without airflow.web.host_name: by it a shared load balancer knows Airflow's requests",
                fix="add airflow.web.host_name, or remove airflow.web.ingress_group",
            )
        return group

    @field_validator("hosted_zone_id")
    @classmethod
    def _has_a_name_to_make(cls, zone: str | None, info: ValidationInfo) -> str | None:
        if zone is not None and "host_name" in info.data and info.data["host_name"] is None:
            raise mistake(
                allowed="nothing without airflow.web.host_name: that is the record made in the zone",
                fix="add airflow.web.host_name, or remove airflow.web.hosted_zone_id",
            )
        return zone
