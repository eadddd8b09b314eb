"""What nodes and their kubelets do, as far as the API shows it: no container runs."""

from __future__ import annotations

import base64
import contextlib
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Any

from tests.cluster.kubernetes_api import MERGE, KubernetesApi, Object, StaleError, address

#: Part of an image's tag whose containers end with an error.
FAILING = "fails"

ZONES = ("eu-west-1a", "eu-west-1b")

#: What a node of environments/dev.yaml (m7g.large) has for pods: 1930m and 7 GiB, less the half of what EKS's add-ons
#: ask for, since the cluster of the tests has none. What doesn't fit here doesn't fit there.
ALLOCATABLE = {"cpu": "1430m", "memory": "6400Mi", "pods": "29", "ephemeral-storage": "18Gi"}

HEARTBEAT_SECONDS = 8.0


class Kubelets:
    """Two nodes in two zones, ready for as long as `work` is called; pods on them run without running anything.

    A pod that names a secret or a config map, or a key of it, that isn't there stays pending, as on a real node.
    """

    def __init__(self, api: KubernetesApi) -> None:
        self._api = api
        self._addresses = count(10)
        self._last_heartbeat = 0.0
        self.own_addresses: dict[str, str] = {}
        """Label `component` -> address of its pods, where something answers there; others have none that is real."""

        self.nodes = [f"stand-in-{zone}" for zone in ZONES]
        for name, zone in zip(self.nodes, ZONES, strict=True):
            if api.find("nodes", name) is None:
                api.create("nodes", _node(name, zone))

    def work(self) -> None:
        """Keep the nodes ready and bring every pod on them one step further."""
        if time.monotonic() - self._last_heartbeat > HEARTBEAT_SECONDS:
            self._beat()
        for pod in self._api.items("pods"):
            if pod["spec"].get("nodeName") in self.nodes:
                with contextlib.suppress(StaleError):  # it has changed or gone meanwhile: next time
                    self._advance(pod)

    def remove(self) -> None:
        """Take the nodes away."""
        for name in self.nodes:
            if node := self._api.find("nodes", name):
                self._api.delete("nodes", node)

    def _beat(self) -> None:
        self._last_heartbeat = time.monotonic()
        for name in self.nodes:
            if node := self._api.find("nodes", name):
                self._api.set_status("nodes", node, _ready_node())
                self._renew_lease(name)

    def _renew_lease(self, name: str) -> None:
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        spec = {"holderIdentity": name, "leaseDurationSeconds": 40, "renewTime": now}
        found = self._api.find("leases", name, "kube-node-lease")
        if found:
            self._api.request("PATCH", address("leases", found), {"spec": spec}, MERGE)
        else:
            self._api.create("leases", {"metadata": {"name": name}, "spec": spec}, "kube-node-lease")

    def _advance(self, pod: Object) -> None:
        phase = pod["status"].get("phase")
        if "deletionTimestamp" in pod["metadata"]:
            if phase not in ("Succeeded", "Failed"):
                self._api.set_status("pods", pod, self._ended(pod, "Failed"))
            self._api.delete("pods", pod, at_once=True)
        elif phase == "Pending" and not self._missing(pod):
            self._api.set_status("pods", pod, self._running(pod))
        elif phase == "Running" and pod["spec"]["restartPolicy"] != "Always":
            failing = any(FAILING in container["image"] for container in pod["spec"]["containers"])
            self._api.set_status("pods", pod, self._ended(pod, "Failed" if failing else "Succeeded"))

    def _missing(self, pod: Object) -> bool:
        """Whether something that the pod's containers are given isn't there."""
        namespace = pod["metadata"]["namespace"]
        for kind, name, keys in references(pod["spec"]):
            found = self._api.find(kind, name, namespace)
            if found is None or not keys <= {*found.get("data", {}), *found.get("binaryData", {})}:
                return True
            if kind == "secrets" and any(not base64.b64decode(found["data"][key]) for key in keys):
                return True
        return False

    def _running(self, pod: Object) -> Object:
        number = next(self._addresses)
        component = pod["metadata"].get("labels", {}).get("component", "")
        ip = self.own_addresses.get(component, f"10.0.{number // 250}.{number % 250 + 1}")
        return {
            "phase": "Running",
            "podIP": ip,
            "podIPs": [{"ip": ip}],
            "hostIP": "10.0.0.4",
            "startTime": _now(),
            "conditions": [
                _condition(kind, "True")
                for kind in ("PodReadyToStartContainers", "Initialized", "ContainersReady", "Ready")
            ],
            "containerStatuses": [_container(c, {"running": {"startedAt": _now()}}) for c in pod["spec"]["containers"]],
            "initContainerStatuses": [
                _container(c, _terminated(0) if c.get("restartPolicy") != "Always" else {"running": {}})
                for c in pod["spec"].get("initContainers", [])
            ],
        }

    def _ended(self, pod: Object, phase: str) -> Object:
        state = _terminated(0 if phase == "Succeeded" else 1)
        return {
            "phase": phase,
            "conditions": [_condition(kind, "False", "PodCompleted") for kind in ("ContainersReady", "Ready")],
            "containerStatuses": [_container(c, state, ready=False) for c in pod["spec"]["containers"]],
        }


def references(spec: Object) -> Iterator[tuple[str, str, set[str]]]:
    """Kind, name and keys of every config map and secret that a pod can't start without."""
    for container in [*spec["containers"], *spec.get("initContainers", [])]:
        sources = [variable.get("valueFrom", {}) for variable in container.get("env", [])]
        for kind, field in (("secrets", "secretKeyRef"), ("configmaps", "configMapKeyRef")):
            for reference in (source[field] for source in sources if field in source):
                if not reference.get("optional"):
                    yield kind, reference["name"], {reference["key"]}
        for source in container.get("envFrom", []):
            for kind, field in (("secrets", "secretRef"), ("configmaps", "configMapRef")):
                if field in source and not source[field].get("optional"):
                    yield kind, source[field]["name"], set()
    for volume in spec.get("volumes", []):
        for part in [volume, *volume.get("projected", {}).get("sources", [])]:
            yield from _volume_references(part)


def _volume_references(part: Object) -> Iterator[tuple[str, str, set[str]]]:
    for kind, field in (("secrets", "secret"), ("configmaps", "configMap")):
        source = part.get(field)
        if source and not source.get("optional"):
            name = source.get("secretName", source.get("name"))
            yield kind, name, {item["key"] for item in source.get("items", [])}


def _container(container: Object, state: Object, *, ready: bool = True) -> Object:
    done = "terminated" in state and state["terminated"]["exitCode"] == 0
    return {
        "name": container["name"],
        "image": container["image"],
        "imageID": container["image"],
        "containerID": f"stand-in://{container['name']}",
        "ready": ready or done,
        "started": "running" in state,
        "restartCount": 0,
        "state": state,
    }


def _terminated(code: int) -> Object:
    reason = {"reason": "Error", "message": "Ended by the stand-in."} if code else {"reason": "Completed"}
    return {"terminated": {"exitCode": code, "startedAt": _now(), "finishedAt": _now(), **reason}}


def _condition(kind: str, status: str, reason: str = "") -> Object:
    return {"type": kind, "status": status, "lastTransitionTime": _now(), "reason": reason}


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _node(name: str, zone: str) -> Object:
    labels = {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "arm64",
        "topology.kubernetes.io/region": zone[:-1],
        "topology.kubernetes.io/zone": zone,
    }
    return {"metadata": {"name": name, "labels": labels}, "spec": {"providerID": f"aws:///{zone}/{name}"}}


def _ready_node() -> Object:
    conditions: list[dict[str, Any]] = [
        {"type": "Ready", "status": "True", "reason": "StandIn", "lastHeartbeatTime": _now()},
        *(
            {"type": kind, "status": "False", "reason": "StandIn", "lastHeartbeatTime": _now()}
            for kind in ("MemoryPressure", "DiskPressure", "PIDPressure")
        ),
    ]
    return {"capacity": ALLOCATABLE, "allocatable": ALLOCATABLE, "conditions": conditions}


def has_own_nodes(api: KubernetesApi) -> bool:
    """Whether the cluster has nodes that somebody keeps, real or simulated (kwok)."""
    return any(
        "kwok.x-k8s.io/node" in node["metadata"].get("annotations", {})
        or any(c["type"] == "Ready" and c["status"] == "True" for c in node["status"].get("conditions", []))
        for node in api.items("nodes")
    )
