"""Airflow's web interface: the load balancer and its name."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.route53_record import Route53Record
from cdktf_cdktf_provider_kubernetes.ingress_v1 import IngressV1, IngressV1SpecRule, IngressV1SpecRuleHttpPath
from constructs.airflow.charts.airflow_chart import RELEASE
from constructs.airflow.network.peers import API_SERVER_PORT
from constructs.naming.component import Component, Scope
from constructs.settings.sections.airflow.web_annotations import CONTROLLERS, SHARED, pairs

#: The chart's service in front of the api-server.
SERVICE = f"{RELEASE}-api-server"

#: TLS 1.2 and 1.3 with forward secrecy, key exchange safe from quantum computers where the client knows it: what AWS
#: recommends (ELB user guide, "Security policies for your Application Load Balancer").
SSL_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"

#: How long Terraform waits for the balancer to get its host name, or to be gone with everything that belongs to it.
TIMEOUTS = {"create": "15m", "delete": "15m"}

#: Short, as the balancer's own name changes when `scheme` does.
RECORD_TTL_SECONDS = 60

_HEALTH_CHECK = {
    # Answers without login, and 200 whatever the state of the other components: a scheduler that is down is no reason
    # to take the web interface away.
    "healthcheck-path": "/api/v2/monitor/health",
    "healthcheck-port": "traffic-port",
    "healthcheck-protocol": "HTTP",
    "healthcheck-interval-seconds": "15",
    "healthcheck-timeout-seconds": "5",
    "healthy-threshold-count": "2",
    "unhealthy-threshold-count": "3",
    "success-codes": "200",
}

_LOAD_BALANCER_ATTRIBUTES = {
    "routing.http.drop_invalid_header_fields.enabled": "true",
    # The balancer's own entry is the last one: the only one that Airflow trusts.
    "routing.http.xff_header_processing.mode": "append",
}

_TARGET_GROUP_ATTRIBUTES = {"deregistration_delay.timeout_seconds": "30"}


@dataclass(frozen=True, kw_only=True)
class WebProps:
    """Inputs of `Web`."""

    namespace: str
    scheme: Literal["internal", "internet-facing"]
    subnet_ids: Sequence[str]
    """Of the balancer, in two zones at least: each an id or an expression for one. A list that only Terraform knows
    can't be written into the annotation; CDKTF refuses it."""

    allowed_cidrs: Sequence[str]
    """Who may connect; everybody else finds no open port."""

    certificate_arn: str | None = None
    further_certificate_arns: Sequence[str] = ()
    """The balancer chooses by the name that a client asks for."""

    unencrypted_http: bool = False
    """HTTP instead of a certificate: passwords cross in clear."""

    host_name: str | None = None
    """Name that people type. Requests for another one are answered with 404 by the balancer."""

    further_host_names: Sequence[str] = ()
    """Answered as `host_name` is."""

    hosted_zone_id: str | None = None
    """Zone of Route 53 that gets a record for `host_name`."""

    waf_acl_arn: str | None = None
    """Web ACL of AWS WAF; `none` takes one away, None leaves what is attached. The controller's release and role have
    to be made for it."""

    access_log_attributes: Mapping[str, str] = field(default_factory=dict)
    """See `access_log_attributes`."""

    idle_timeout_seconds: int = 110
    """Shorter than the api-server keeps a connection: the balancer must be the one that closes it, or it sends into one
    that is closing and answers 502."""

    ingress_group: str | None = None
    """Ingresses of the cluster that share the balancer."""

    annotations: Mapping[str, str] = field(default_factory=dict)
    """Further ones, and further entries of the lists of attributes."""

    depends_on: Sequence[ITerraformDependable] = ()
    """The controller that makes the balancer and the release with the service behind it."""


class Web(Component):
    """An Ingress for which the AWS Load Balancer Controller makes an Application Load Balancer, and a record for it.

    In a group all annotations of the balancer are this Ingress's: the others bring their rules alone.

    Port 443 with the certificate, port 80 redirects there; or port 80 alone. Terraform waits for the balancer to have a
    host name, and on destroy for it to be gone.
    """

    def __init__(self, scope: Scope, id_: str, props: WebProps) -> None:
        super().__init__(scope, id_)
        _check(props)
        path = IngressV1SpecRuleHttpPath(
            path="/",
            path_type="Prefix",
            backend={"service": {"name": SERVICE, "port": {"number": API_SERVER_PORT}}},
        )
        ingress = self.add(
            IngressV1,
            "airflow",
            metadata={
                # Another scheme or group is another balancer: changed in place, Terraform would go on with the old
                # one's name.
                "name": "-".join(["airflow", props.scheme, *([props.ingress_group] if props.ingress_group else [])]),
                "namespace": props.namespace,
                "labels": self.labels.kubernetes,
                "annotations": {
                    **{key: text for key, text in props.annotations.items() if key not in SHARED},
                    **{f"{CONTROLLERS}{key}": text for key, text in self._alb(props).items()},
                },
            },
            spec={
                "ingress_class_name": "alb",
                "rule": [
                    IngressV1SpecRule(host=name, http={"path": [path]})
                    for name in (props.host_name, *props.further_host_names)
                ],
            },
            wait_for_load_balancer=True,
            timeouts=TIMEOUTS,
            depends_on=list(props.depends_on),
        )
        self.host_name: str = ingress.status.get(0).load_balancer.get(0).ingress.get(0).hostname
        """Of the balancer itself, whatever people type."""
        self.url = f"{'https' if props.certificate_arn else 'http'}://{props.host_name or self.host_name}"
        if props.hosted_zone_id:
            self._record(props.hosted_zone_id, props.host_name)

    def _alb(self, props: WebProps) -> dict[str, str]:
        return {
            # 28 characters at most of the 32 that AWS allows.
            "load-balancer-name": self.names.prefix,
            "scheme": props.scheme,
            "target-type": "ip",
            "subnets": ",".join(props.subnet_ids),
            "inbound-cidrs": ",".join(props.allowed_cidrs),
            **_listeners(props),
            **_HEALTH_CHECK,
            "load-balancer-attributes": _attributes(
                props,
                SHARED[0],
                {"idle_timeout.timeout_seconds": str(props.idle_timeout_seconds)},
                _LOAD_BALANCER_ATTRIBUTES,
                props.access_log_attributes,
            ),
            "target-group-attributes": _attributes(props, SHARED[1], _TARGET_GROUP_ATTRIBUTES),
            "tags": _pairs(self._tags()),
            **({"wafv2-acl-arn": props.waf_acl_arn} if props.waf_acl_arn else {}),
            **({"group.name": props.ingress_group} if props.ingress_group else {}),
        }

    def _tags(self) -> dict[str, str]:
        """Name and address; all others come from the controller, whose own tags win."""
        tags = self.labels.tags("kubernetes_ingress_v1.airflow")
        return {key: tags[key] for key in ("Name", "Address")}

    def _record(self, zone_id: str, host_name: str | None) -> None:
        self.add(
            Route53Record,
            "airflow",
            zone_id=zone_id,
            name=host_name,
            # Not at the top of a zone, where DNS allows no CNAME. An alias could stand there, but takes the hosted zone
            # of the balancer, which the Ingress doesn't tell.
            type="CNAME",
            ttl=RECORD_TTL_SECONDS,
            records=[self.host_name],
        )


def access_log_attributes(*, enabled: bool, bucket: str, prefix: str | None) -> dict[str, str]:
    """Return the balancer's attributes for its access logs; a balancer that writes them goes on until it is told."""
    if not enabled:
        return {"access_logs.s3.enabled": "false"}
    place = {"access_logs.s3.enabled": "true", "access_logs.s3.bucket": bucket}
    return place | ({"access_logs.s3.prefix": prefix} if prefix else {})


def _attributes(props: WebProps, annotation: str, *ours: Mapping[str, str]) -> str:
    users = pairs(props.annotations.get(annotation, ""))
    return _pairs({**users, **{key: text for each in ours for key, text in each.items()}})


def _listeners(props: WebProps) -> dict[str, str]:
    if props.certificate_arn is None:
        return {"listen-ports": json.dumps([{"HTTP": 80}])}
    return {
        "listen-ports": json.dumps([{"HTTP": 80}, {"HTTPS": 443}]),
        "certificate-arn": ",".join([props.certificate_arn, *props.further_certificate_arns]),
        "ssl-policy": SSL_POLICY,
        "ssl-redirect": "443",
    }


def _pairs(values: Mapping[str, str]) -> str:
    return ",".join(f"{key}={value}" for key, value in values.items())


def _check(props: WebProps) -> None:
    if (props.certificate_arn is None) is not props.unencrypted_http:
        raise ValueError(
            f"either a certificate or unencrypted HTTP, not both and not neither; got certificate_arn "
            f"{props.certificate_arn!r}, unencrypted_http {props.unencrypted_http}"
        )
    if not props.allowed_cidrs:
        raise ValueError("allowed_cidrs is empty: the controller would let everybody in; name at least one range")
    if props.hosted_zone_id and not props.host_name:
        raise ValueError(f"hosted_zone_id {props.hosted_zone_id!r} needs host_name, the record's name")
