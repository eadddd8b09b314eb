"""Objects in the cluster: who reaches Airflow, what its pods reach, what the namespace holds them to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ops.dangers.network_policies import network_policy
from ops.dangers.ranges import grown
from ops.dangers.resource_change import ResourceChange, at
from ops.dangers.rules import Rule, changed, differ, first, gone, members, not_any_more, taken_off
from ops.plan_report.danger import Danger, Kind, danger
from ops.plan_report.report import Action

_ALB = "alb.ingress.kubernetes.io/"
#: Annotations of the ingress that guard what is behind it.
_GUARDS = {
    "certificate-arn": "what is sent is not encrypted",
    "ssl-redirect": "whoever calls without TLS is not sent to it",
    "wafv2-acl-arn": "no firewall looks at requests",
    "waf-acl-id": "no firewall looks at requests",
    "shield-advanced-protection": "nothing holds floods of requests back",
    "auth-type": "the balancer asks nobody to sign in",
}
#: Annotations of which another value is told, whatever it is: nobody knows here which is the stricter one.
_TOLD = {
    "ssl-policy": (Kind.WEAKENS, "other versions and ciphers of TLS are taken"),
    "listen-ports": (Kind.OPENS, "the balancer listens on other ports"),
    "security-groups": (Kind.OPENS, "other security groups say who gets to the balancer"),
    "auth-type": (Kind.OPENS, "people sign in otherwise"),
    "certificate-arn": (Kind.INTERRUPTS, "another certificate"),
    "wafv2-acl-arn": (Kind.OPENS, "another firewall, or none, looks at requests"),
    "load-balancer-name": (Kind.INTERRUPTS, "another balancer, under another address"),
    "subnets": (Kind.INTERRUPTS, "the balancer is in other subnets"),
}


def _annotations(side: Mapping[str, Any]) -> dict[str, str]:
    noted = at(side, "metadata.annotations") or {}
    return {name.removeprefix(_ALB): str(text) for name, text in noted.items()}


def _ingress(change: ResourceChange) -> Iterator[Danger]:
    """From where the web interface is reached, and what guards it."""
    if not change.after:
        return
    before, after = _annotations(change.before), _annotations(change.after)
    public, was_public = (side.get("scheme") == "internet-facing" for side in (after, before))
    if public and not was_public:
        yield danger(Kind.OPENS, "Airflow is reached from the Internet", before.get("scheme"), after.get("scheme"))
    if was_public and not public:
        yield danger(Kind.INTERRUPTS, "Airflow has another address", before.get("scheme"), after.get("scheme"))
    ranges = [members(side.get("inbound-cidrs")) or ["0.0.0.0/0"] for side in (before, after)]
    yield from grown("Airflow is reached from", ranges[0] if before else [], ranges[1])
    if change.has_both:
        yield from _guards(before, after)


def _guards(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Danger]:
    for name, what in _GUARDS.items():
        if name in before and name not in after:
            yield danger(Kind.OPENS, f"{name}: {what}", before[name], None)
    for name, (kind, what) in _TOLD.items():
        if name in after and name in before and before[name] != after[name]:
            yield danger(kind, f"{name}: {what}", before[name], after[name])
    attributes = [members(side.get("load-balancer-attributes")) for side in (before, after)]
    if lost := [text for text in attributes[0] if text not in attributes[1]]:
        yield danger(Kind.WEAKENS, "the balancer loses attributes", first(lost, attributes[0]), attributes[1])


def _security_level(change: ResourceChange) -> Iterator[Danger]:
    """The Pod Security Standard that the namespace enforces."""
    labels = [at(side, "metadata.labels") or {} for side in (change.before, change.after)]
    key = "pod-security.kubernetes.io/enforce"
    before, after = (side.get(key) for side in labels)
    strict = ("privileged", "baseline", "restricted")
    old, new = (strict.index(level) if level in strict else 0 for level in (before, after))
    if change.after and (new < old or (change.action is Action.ADD and new < len(strict) - 1)):
        yield danger(Kind.OPENS, "pods may do more: the Pod Security Standard", before, after)
    if change.has_both and differ(labels[0].get(f"{key}-version"), labels[1].get(f"{key}-version")):
        versions = [side.get(f"{key}-version") for side in labels]
        yield danger(Kind.INTERRUPTS, "pods are held to another version of the standard", *versions)


def _quota(change: ResourceChange) -> Iterator[Danger]:
    """Limits of a namespace that change: pods beyond them are not started."""
    before, after = change.was("spec"), change.becomes("spec")
    if change.has_both and differ(before, after):
        yield danger(Kind.INTERRUPTS, "pods beyond the limits are not started", before, after)


def _policy_gone(change: ResourceChange) -> Iterator[Danger]:
    if change.goes:
        word = "replaced" if change.action is Action.REPLACE else "destroyed"
        yield Danger(kind=Kind.OPENS, what=f"{word}: what the policy refuses is let through meanwhile")


def _certificates(change: ResourceChange) -> Iterator[Danger]:
    """Another list of authorities, by its names: the certificates themselves say nothing to anybody."""
    before, after = (_titles(side.get("data")) for side in (change.before, change.after))
    if change.has_both and differ(change.was("data"), change.becomes("data")):
        yield danger(Kind.OPENS, "other authorities are believed", before, after)


def _titles(data: Any) -> list[str]:
    texts = data.values() if isinstance(data, dict) else ()
    lines = [line for text in texts for line in str(text).splitlines()]
    return [line.removeprefix("# ") for line in lines if line.startswith("# ") and "SHA-256" not in line]


OBJECTS: dict[str, tuple[Rule, ...]] = {
    "kubernetes_ingress_v1": (
        _ingress,
        changed("spec.rule", "other requests are led to Airflow", Kind.OPENS),
        gone("Airflow is reached no more, or under another address", Kind.INTERRUPTS),
    ),
    "kubernetes_network_policy_v1": (
        network_policy,
        _policy_gone,
        taken_off("spec.policy_types", "what no rule names is let through", Kind.OPENS),
        changed("spec.pod_selector", "it holds for other pods", Kind.OPENS),
    ),
    "kubernetes_namespace_v1": (_security_level,),
    "kubernetes_secret_v1": (gone("pods that use the secret can't start meanwhile", Kind.INTERRUPTS),),
    "kubernetes_config_map_v1": (
        _certificates,
        gone("pods that use it can't start meanwhile", Kind.INTERRUPTS),
    ),
    "kubernetes_job_v1": (
        gone("it runs again, against the database that Airflow uses", Kind.INTERRUPTS, actions=(Action.REPLACE,)),
    ),
    "kubernetes_storage_class_v1": (
        not_any_more("parameters.encrypted", "true", "new volumes are not encrypted", Kind.WEAKENS),
        changed("parameters.kmsKeyId", "another key encrypts new volumes", Kind.WEAKENS),
        gone("volumes that need it can't be made meanwhile", Kind.INTERRUPTS),
    ),
    "kubernetes_limit_range_v1": (_quota, gone("pods are held to no limits", Kind.WEAKENS)),
    "kubernetes_resource_quota_v1": (_quota, gone("pods are held to no limits", Kind.WEAKENS)),
}
