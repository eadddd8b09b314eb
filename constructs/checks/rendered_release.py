"""What the chart makes of all values, checked before anybody deploys it: what Kubernetes or this cluster would refuse.

The namespace admits pods of the Pod Security Standard `restricted` only, and lets nobody talk whom no network policy
names. Helm would wait twenty minutes for such pods, and then say that it waited.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from constructs.airflow.charts.rendering import Rendering
from constructs.checks.pod_security import VOLUMES, violations

#: The one Secret that the chart may make: public certificates.
PUBLIC_SECRETS = {"airflow-pgbouncer-certificates"}
#: Kinds that the stack has instead of the chart, or not at all.
FORBIDDEN_KINDS = {
    "Ingress": "the load balancer is the stack's (airflow.web)",
    "Job": "the jobs are the stack's",
    "PersistentVolumeClaim": "the queue's volume is the only one",
    "NetworkPolicy": "the network policies are the stack's",
}
_PASSWORD = re.compile(r"\w://[^/\s@:$({]*:(?![$({])[^/\s@]+@")

_RESTRICTED = (
    "what the Pod Security Standard `restricted` lets in, which the namespace enforces: no root, no privileges, "
    "nothing of the node"
)
_CONTAINER = (
    "give the container securityContext: {runAsNonRoot: true, allowPrivilegeEscalation: false, capabilities: "
    "{drop: [ALL]}}, and a runAsUser other than 0"
)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something in what the chart makes that would not work, or not be safe."""

    workload: str
    """What runs the pod, or the object."""

    place: str = ""
    """Name of the container or volume in it, where it is about one."""

    what: str
    allowed: str
    fix: str
    entry: str = ""
    """Name of the entry in a list of the values that it may come from: a container, a volume, a variable."""

    keys: tuple[str, ...] = ()
    """Names of the values that it may come from, below the component or at the top."""

    pattern: re.Pattern[str] | None = None
    """What the text of the value that it comes from matches."""


def findings(rendering: Rendering, components: Collection[str]) -> Iterator[Finding]:
    """Yield everything that is wrong; `components` are the pods, by their label, that have a network policy."""
    yield from _pod_security(rendering)
    yield from _network(rendering, components)
    yield from _variables(rendering)
    yield from _objects(rendering)


def _pod_security(rendering: Rendering) -> Iterator[Finding]:
    for workload, template in rendering.templates.items():
        spec = template["spec"]
        volumes = {volume.get("name") for volume in spec.get("volumes") or ()}
        for place, what in violations(spec):
            fix = _CONTAINER
            if what.startswith("a volume"):
                fix = f"use one of {', '.join(sorted(VOLUMES))}"
            elif not place or place in volumes:
                fix = "remove it, or give it as helm/values.yaml came with the project"
            keys = ("securityContexts", "securityContext")
            found = Finding(workload=workload, place=place, what=what, allowed=_RESTRICTED, fix=fix)
            yield replace(found, entry=place, keys=keys)


def _network(rendering: Rendering, components: Collection[str]) -> Iterator[Finding]:
    for workload, template in rendering.templates.items():
        component = template["metadata"]["labels"].get("component")
        if component not in components:
            yield Finding(
                workload=workload,
                what=f"pods of component {component}, which no network policy knows",
                allowed=f"pods that may talk to somebody: {', '.join(sorted(components))}",
                fix="remove what makes them",
            )


def _variables(rendering: Rendering) -> Iterator[Finding]:
    for container in rendering.containers:
        names = [entry.get("name") for entry in container.body.get("env") or ()]
        for name in sorted({str(name) for name in names if names.count(name) > 1}):
            yield Finding(
                workload=container.pod,
                place=container.body["name"],
                what=f"the variable {name} twice",
                allowed="each variable once: of two Kubernetes takes the last",
                fix=f"remove one {name}",
                entry=name,
            )


def _objects(rendering: Rendering) -> Iterator[Finding]:
    for body in rendering.objects:
        kind, name = body["kind"], body["metadata"]["name"]
        why = FORBIDDEN_KINDS.get(kind)
        if kind == "Secret" and name not in PUBLIC_SECRETS:
            why = "its value would stand in Terraform's state"
        elif kind == "Service" and body["spec"].get("type", "ClusterIP") != "ClusterIP":
            why = f"its type {body['spec']['type']} opens a way in beside the load balancer"
        if why:
            yield Finding(workload=name, what=f"{kind}: {why}", allowed="no such object", fix="remove what makes it")
        if kind != "Secret" and _PASSWORD.search(str(body)):
            yield Finding(
                workload=name,
                what="a URL with a password in it, which would stand in Terraform's state",
                allowed="secrets by the name of a Kubernetes secret",
                fix="make the Kubernetes secret in another way, and name it (secret, extraEnvFrom, volumes)",
                pattern=_PASSWORD,
            )
