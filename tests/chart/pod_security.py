"""The Pod Security Standard `restricted`, as the API server checks it where a namespace enforces it.

https://kubernetes.io/docs/concepts/security/pod-security-standards/, its levels baseline and restricted, for Linux.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

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


def violations(spec: Body) -> list[str]:
    """What keeps a pod out of a namespace that enforces `restricted`, one entry each."""
    return [*_of_the_pod(spec), *(found for container in _containers(spec) for found in _of_a(container, spec))]


def _containers(spec: Body) -> Iterator[Body]:
    for kind in CONTAINERS:
        yield from spec.get(kind) or ()


def _of_the_pod(spec: Body) -> Iterator[str]:
    for host in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(host):
            yield f"{host} is true"
    for volume in spec.get("volumes") or ():
        kinds = volume.keys() - {"name"}
        if kinds - VOLUMES:
            yield f"volume {volume['name']} is of kind {', '.join(kinds)}"
    context = spec.get("securityContext") or {}
    for sysctl in context.get("sysctls") or ():
        if sysctl["name"] not in SYSCTLS:
            yield f"sysctl {sysctl['name']}"
    if context.get("runAsUser") == 0:
        yield "runAsUser is 0"
    yield from _of_both(context, "the pod")


def _of_a(container: Body, spec: Body) -> Iterator[str]:
    name, context, of_pod = container["name"], container.get("securityContext") or {}, spec.get("securityContext") or {}
    if context.get("privileged"):
        yield f"{name}: privileged is true"
    if context.get("allowPrivilegeEscalation") is not False:
        yield f"{name}: allowPrivilegeEscalation is not false"
    capabilities = context.get("capabilities") or {}
    if "ALL" not in (capabilities.get("drop") or ()):
        yield f"{name}: capabilities ALL are not dropped"
    if set(capabilities.get("add") or ()) - {"NET_BIND_SERVICE"}:
        yield f"{name}: capabilities are added"
    if context.get("procMount", "Default") != "Default":
        yield f"{name}: procMount is {context['procMount']}"
    if any(port.get("hostPort") for port in container.get("ports") or ()):
        yield f"{name}: a port of the host"
    if context.get("runAsNonRoot", of_pod.get("runAsNonRoot")) is not True:
        yield f"{name}: runAsNonRoot is not true"
    if context.get("runAsUser") == 0:
        yield f"{name}: runAsUser is 0"
    if (context.get("seccompProfile") or of_pod.get("seccompProfile") or {}).get("type") not in SECCOMP:
        yield f"{name}: seccompProfile is not RuntimeDefault"
    yield from _of_both(context, name)


def _of_both(context: Body, name: str) -> Iterator[str]:
    if (context.get("seccompProfile") or {}).get("type", "RuntimeDefault") not in SECCOMP:
        yield f"{name}: seccompProfile is {context['seccompProfile']['type']}"
    selinux = context.get("seLinuxOptions") or {}
    if selinux.get("type", "") not in SELINUX_TYPES or selinux.get("user") or selinux.get("role"):
        yield f"{name}: seLinuxOptions"
    if (context.get("appArmorProfile") or {}).get("type", "RuntimeDefault") not in SECCOMP:
        yield f"{name}: appArmorProfile"
    if (context.get("windowsOptions") or {}).get("hostProcess"):
        yield f"{name}: hostProcess"
