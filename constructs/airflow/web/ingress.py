"""Airflow's web interface: the load balancer and its name."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.route53_record import Route53Record
from cdktf_cdktf_provider_kubernetes.ingress_v1 import IngressV1, IngressV1SpecRule, IngressV1SpecRuleHttpPath
from constructs.airflow.charts.airflow_chart import RELEASE
from constructs.airflow.network.peers import API_SERVER_PORT
from constructs.naming.component import Component, Scope

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
    # Shorter than the api-server keeps a connection (120 s, `api.worker_timeout`): the balancer must be the one that
    # closes it, or it sends into one that is closing and answers 502.
    "idle_timeout.timeout_seconds": "110",
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
    unencrypted_http: bool = False
    """HTTP instead of a certificate: passwords cross in clear."""

    host_name: str | None = None
    """Name that people type. Requests for another one are answered with 404 by the balancer."""

    hosted_zone_id: str | None = None
    """Zone of Route 53 that gets a record for `host_name`."""

    depends_on: Sequence[ITerraformDependable] = ()
    """The controller that makes the balancer and the release with the service behind it."""


class Web(Component):
    """An Ingress for which the AWS Load Balancer Controller makes an Application Load Balancer, and a record for it.

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
                # Another scheme is another balancer: changed in place, Terraform would go on with the old one's name.
                "name": f"airflow-{props.scheme}",
                "namespace": props.namespace,
                "labels": self.labels.kubernetes,
                "annotations": {f"alb.ingress.kubernetes.io/{key}": text for key, text in self._alb(props).items()},
            },
            spec={
                "ingress_class_name": "alb",
                "rule": [IngressV1SpecRule(host=props.host_name, http={"path": [path]})],
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
            **_listeners(props.certificate_arn),
            **_HEALTH_CHECK,
            "load-balancer-attributes": _pairs(_LOAD_BALANCER_ATTRIBUTES),
            "target-group-attributes": _pairs(_TARGET_GROUP_ATTRIBUTES),
            "tags": _pairs(self._tags()),
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


def _listeners(certificate_arn: str | None) -> dict[str, str]:
    if certificate_arn is None:
        return {"listen-ports": json.dumps([{"HTTP": 80}])}
    return {
        "listen-ports": json.dumps([{"HTTP": 80}, {"HTTPS": 443}]),
        "certificate-arn": certificate_arn,
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
