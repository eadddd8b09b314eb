"""The Pod Security Standard `restricted`, as the API server checks it where a namespace enforces it.

https://kubernetes.io/docs/concepts/security/pod-security-standards/, its levels baseline and restricted, for Linux.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

VOLUMES = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
}
SECCOMP = {"RuntimeDefault", "Localhost"}
SELINUX_TYPES = {"", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"}
SYSCTLS = {
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_syncookies",
}
CONTAINERS = ("initContainers", "containers", "ephemeralContainers")

Body = Mapping[str, Any]


class Violation(NamedTuple):
    """One thing that the standard forbids."""

    place: str
    """Name of the container or volume, empty for the pod itself."""

    what: str


def violations(spec: Body) -> list[Violation]:
    """Return what keeps a pod out of a namespace that enforces `restricted`, one entry each."""
    return [*_of_the_pod(spec), *(found for container in _containers(spec) for found in _of_a(container, spec))]


def _containers(spec: Body) -> Iterator[Body]:
    for kind in CONTAINERS:
        yield from spec.get(kind) or ()


def _of_the_pod(spec: Body) -> Iterator[Violation]:
    for host in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(host):
            yield Violation("", f"{host} is true")
    for volume in spec.get("volumes") or ():
        kinds = volume.keys() - {"name"}
        if kinds - VOLUMES:
            yield Violation(str(volume.get("name")), f"a volume of kind {', '.join(sorted(kinds))}")
    context = spec.get("securityContext") or {}
    for sysctl in context.get("sysctls") or ():
        if sysctl["name"] not in SYSCTLS:
            yield Violation("", f"sysctl {sysctl['name']}")
    if context.get("runAsUser") == 0:
        yield Violation("", "runAsUser is 0")
    yield from _of_both(context, "")


def _of_a(container: Body, spec: Body) -> Iterator[Violation]:
    name, context, of_pod = (
        str(container.get("name")),
        container.get("securityContext") or {},
        spec.get("securityContext") or {},
    )
    capabilities = context.get("capabilities") or {}
    forbidden = {
        "privileged is true": context.get("privileged"),
        "allowPrivilegeEscalation is not false": context.get("allowPrivilegeEscalation") is not False,
        "capabilities ALL are not dropped": "ALL" not in (capabilities.get("drop") or ()),
        "capabilities are added": set(capabilities.get("add") or ()) - {"NET_BIND_SERVICE"},
        "procMount is not Default": context.get("procMount", "Default") != "Default",
        "a port of the host": any(port.get("hostPort") for port in container.get("ports") or ()),
        "runAsNonRoot is not true": context.get("runAsNonRoot", of_pod.get("runAsNonRoot")) is not True,
        "runAsUser is 0": context.get("runAsUser") == 0,
        "seccompProfile is not RuntimeDefault": (
            context.get("seccompProfile") or of_pod.get("seccompProfile") or {}
        ).get("type")
        not in SECCOMP,
    }
    yield from (Violation(name, what) for what, found in forbidden.items() if found)
    yield from _of_both(context, name)


def _of_both(context: Body, place: str) -> Iterator[Violation]:
    selinux = context.get("seLinuxOptions") or {}
    forbidden = {
        "seccompProfile is Unconfined": (context.get("seccompProfile") or {}).get("type", "RuntimeDefault")
        not in SECCOMP,
        "seLinuxOptions": selinux.get("type", "") not in SELINUX_TYPES or selinux.get("user") or selinux.get("role"),
        "appArmorProfile": (context.get("appArmorProfile") or {}).get("type", "RuntimeDefault") not in SECCOMP,
        "hostProcess": (context.get("windowsOptions") or {}).get("hostProcess"),
    }
    yield from (Violation(place, what) for what, found in forbidden.items() if found)
