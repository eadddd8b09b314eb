"""Annotations of one's own for the Ingress of the web UI, in section `airflow.web`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Annotated

from constructs.settings.values.shapes import Count, Shape, mistake, mistakes_in
from pydantic import AfterValidator

#: Start of what the AWS Load Balancer Controller reads.
CONTROLLERS = "alb.ingress.kubernetes.io/"
#: Annotations that are lists of `name=value`, of which the stack writes some names and the user others.
SHARED = (f"{CONTROLLERS}load-balancer-attributes", f"{CONTROLLERS}target-group-attributes")

_NOT_THE_ROLES = "remove it: the controller's role in AWS has no permission for it"
_HEALTH = "remove it: the load balancer asks Airflow's own health page"
_INSIDE = "remove it: pods are reached at their addresses, by HTTP"

#: After `alb.ingress.kubernetes.io/`, with `*` for any end: what to do instead. All of the controller's 3.5 that the
#: stack sets, that undo what it sets, or that its role in AWS may not do (its guide, "Ingress annotations").
_OWNED = {
    "load-balancer-name tags": "remove it: names and tags follow from name and tags of the environment file",
    "scheme": "the setting is airflow.web.scheme",
    "subnets ip-address-type": "remove it: the load balancer stands in the subnets of its scheme, which have IPv4",
    "inbound-cidrs security-groups security-group-prefix-lists manage-backend-security-group-rules": "the setting is "
    "airflow.web.allowed_cidrs",
    "certificate-arn": "the settings are airflow.web.certificate_arn and airflow.web.further_certificate_arns",
    "listen-ports ssl-redirect ssl-policy": "remove it: port 443 with TLS 1.2 and 1.3, to which port 80 redirects; "
    "airflow.web.unencrypted_http is for port 80 alone",
    "group.name": "the setting is airflow.web.ingress_group",
    "wafv2-acl-arn wafv2-acl-name": "the setting is airflow.web.waf_acl_arn",
    "waf-acl-id shield-advanced-protection auth-idp-cognito customer-owned-ipv4-pool ipam-ipv4-pool-id "
    "minimum-load-balancer-capacity enable-frontend-nlb frontend-nlb-*": _NOT_THE_ROLES,
    "healthcheck-* healthy-threshold-count unhealthy-threshold-count success-codes": _HEALTH,
    "target-type target-node-labels backend-protocol backend-protocol-version multi-cluster-target-group": _INSIDE,
}
#: The same of the names within lists that are shared.
_OWNED_WITHIN = {
    "access_logs.s3.*": "the setting is airflow.web.access_logs",
    "idle_timeout.timeout_seconds": "the setting is airflow.web.idle_timeout_seconds",
    "routing.http.drop_invalid_header_fields.enabled routing.http.xff_*": "remove it: what Airflow believes of a "
    "request's headers relies on it",
    "deletion_protection.enabled": "remove it: destroying the environment would wait for the load balancer in vain",
    "deregistration_delay.timeout_seconds": "remove it: Airflow's pods end within its 30 seconds",
    "connection_logs.s3.* health_check_logs.s3.*": "remove it: these logs have no bucket here",
}
_PAIRS = re.compile(r"[a-z0-9_.-]+=[^=,\s]*(,[a-z0-9_.-]+=[^=,\s]*)*")

Key = Annotated[
    str,
    Shape(
        r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]*[a-z0-9])?/[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?",
        allowed="the name of an annotation with its prefix, such as alb.ingress.kubernetes.io/auth-type; the part "
        "behind / has at most 63 characters",
        fix="write it as the documentation of what reads it does",
        longest=200,
    ),
]
Text = Annotated[
    str,
    Shape(
        r"(?!.*[$%]\{)[^\u0000-\u001f\u007f]+",
        allowed="text on one line, at most 2048 characters, without ${ and %{; numbers, true and false in quotes",
        fix="put the value in quotes",
    ),
]


def pairs(text: str) -> dict[str, str]:
    """Return the names and values of a list `name=value,name=value`."""
    return dict(pair.split("=", 1) for pair in text.split(",")) if text else {}


def _check(key: str, text: str) -> None:
    if instead := _owned(key.removeprefix(CONTROLLERS), _OWNED) if key.startswith(CONTROLLERS) else None:
        raise mistake(allowed="annotations that the stack has no say in: this one is its own", fix=instead)
    if key == "kubernetes.io/ingress.class":
        raise mistake(allowed="annotations beside the Ingress's class, which is alb", fix="remove it")
    if key not in SHARED:
        return
    if not _PAIRS.fullmatch(text):
        raise mistake(
            allowed="a list of name=value with commas between, without spaces",
            fix="write a value such as routing.http2.enabled=false",
        )
    for name in pairs(text):
        if instead := _owned(name, _OWNED_WITHIN):
            raise mistake(
                allowed="attributes that the stack has no say in", fix=f"{name}: {instead}", note=f"it has {name}"
            )


def _owned(name: str, owned: Mapping[str, str]) -> str | None:
    return next(
        (instead for names, instead in owned.items() if any(fnmatchcase(name, each) for each in names.split())), None
    )


def _refuse_owned(annotations: Mapping[str, str]) -> Mapping[str, str]:
    if wrong := mistakes_in(annotations, _check):
        raise wrong
    return annotations


Annotations = Annotated[Mapping[Key, Text], Count(0, 20, "annotations"), AfterValidator(_refuse_owned)]
