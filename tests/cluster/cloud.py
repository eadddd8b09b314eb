"""What AWS and its controllers do in a cluster, as far as the API shows it: volumes and load balancers."""

from __future__ import annotations

import contextlib
import time

from tests.cluster.cloud_account import CloudAccount
from tests.cluster.kubernetes_api import WEBHOOK_KINDS, KubernetesApi, Object, StaleError

PROVISIONER = "ebs.csi.aws.com"
SELECTED_NODE = "volume.kubernetes.io/selected-node"
ZONE = "topology.kubernetes.io/zone"
#: Of volumes for nodes that don't say where they are.
DEFAULT_ZONE = "eu-west-1a"

CONTROLLER = ("aws-load-balancer-controller", "kube-system")
ALB_CLASS = "ingress.k8s.aws/alb"
FINALIZER = "ingress.k8s.aws/resources"

#: How long a balancer takes to be gone, and a volume; a real one takes longer.
DELETION_SECONDS = 3.0


class Cloud:
    """The EBS driver and the load balancer controller; volumes and balancers behind them only with an `account`.

    Balancers are made and deleted only while the pods of the controller's own release are ready. Nothing answers its
    webhooks, so their configurations are taken away.
    """

    def __init__(self, api: KubernetesApi, account: CloudAccount | None = None) -> None:
        self._api, self._account = api, account
        self._seen: dict[str, float] = {}

    def work(self) -> None:
        """Do what is to be done now."""
        for step in (self._webhooks, self._claims, self._volumes, self._ingresses):
            with contextlib.suppress(StaleError):  # it has changed or gone meanwhile: next time
                step()

    def _webhooks(self) -> None:
        for kind in WEBHOOK_KINDS:
            for configuration in self._api.items(kind):
                services = [hook["clientConfig"].get("service") for hook in configuration.get("webhooks", [])]
                if any(service and service["namespace"] == CONTROLLER[1] for service in services):
                    self._api.delete(kind, configuration)

    def _claims(self) -> None:
        classes = {item["metadata"]["name"]: item for item in self._api.items("storageclasses")}
        for claim in self._api.items("persistentvolumeclaims"):
            storage_class = classes.get(claim["spec"].get("storageClassName", ""))
            node = claim["metadata"].get("annotations", {}).get(SELECTED_NODE)
            waits = claim["status"]["phase"] == "Pending" and "deletionTimestamp" not in claim["metadata"]
            if waits and node and storage_class and storage_class["provisioner"] == PROVISIONER:
                self._provision(claim, storage_class, node)
            self._grow(claim)

    def _provision(self, claim: Object, storage_class: Object, node: str) -> None:
        name = f"pvc-{claim['metadata']['uid']}"
        if self._api.find("persistentvolumes", name):
            return  # being bound
        of = claim["metadata"]
        handle = f"vol-{of['uid'][:8]}"
        if self._account:
            handle = self._account.make_volume(of["name"], self._zone(node) or DEFAULT_ZONE)
        volume = {
            "metadata": {"name": name, "annotations": {"pv.kubernetes.io/provisioned-by": PROVISIONER}},
            "spec": {
                "accessModes": claim["spec"]["accessModes"],
                "capacity": {"storage": claim["spec"]["resources"]["requests"]["storage"]},
                "claimRef": {
                    "apiVersion": "v1",
                    "kind": "PersistentVolumeClaim",
                    **{field: of[field] for field in ("name", "namespace", "uid", "resourceVersion")},
                },
                "csi": {"driver": PROVISIONER, "volumeHandle": handle, "fsType": "ext4"},
                "persistentVolumeReclaimPolicy": storage_class["reclaimPolicy"],
                "storageClassName": storage_class["metadata"]["name"],
                **self._only_in_the_zone_of(node),
            },
        }
        self._api.create("persistentvolumes", volume)

    def _grow(self, claim: Object) -> None:
        asked, has = claim["spec"]["resources"]["requests"]["storage"], claim["status"].get("capacity")
        if not has or has["storage"] == asked:
            return
        volume = self._api.find("persistentvolumes", claim["spec"]["volumeName"])
        if volume and volume["spec"].get("csi", {}).get("driver") == PROVISIONER:
            self._api.merge("persistentvolumes", volume, {"spec": {"capacity": {"storage": asked}}})
            self._api.set_status("persistentvolumeclaims", claim, {"capacity": {"storage": asked}})

    def _only_in_the_zone_of(self, node: str) -> Object:
        zone = self._zone(node)
        if zone is None:
            return {}  # a hollow cluster's node need not say where it is
        expression = {"key": ZONE, "operator": "In", "values": [zone]}
        return {"nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [expression]}]}}}

    def _zone(self, node: str) -> str | None:
        found = self._api.find("nodes", node)
        return found["metadata"]["labels"].get(ZONE) if found else None

    def _volumes(self) -> None:
        for volume in self._api.items("persistentvolumes"):
            released = volume["status"].get("phase") == "Released"
            if released and "deletionTimestamp" not in volume["metadata"] and self._long_enough(volume):
                handle = volume["spec"]["csi"]["volumeHandle"]
                if self._account is None or self._account.delete_volume(handle):
                    self._api.delete("persistentvolumes", volume)

    def _ingresses(self) -> None:
        if not self._controller_runs():
            return
        classes = {
            item["metadata"]["name"]
            for item in self._api.items("ingressclasses")
            if item["spec"]["controller"] == ALB_CLASS
        }
        for ingress in self._api.items("ingresses"):
            finalizers = ingress["metadata"].get("finalizers", [])
            if "deletionTimestamp" in ingress["metadata"]:
                if FINALIZER in finalizers and self._long_enough(ingress):
                    if self._account:
                        self._account.delete_balancer(_balancer(ingress))
                    self._api.set_finalizers("ingresses", ingress, [item for item in finalizers if item != FINALIZER])
            elif ingress["spec"].get("ingressClassName") in classes and FINALIZER not in finalizers:
                if self._account:
                    subnets = ingress["metadata"]["annotations"]["alb.ingress.kubernetes.io/subnets"]
                    self._account.make_balancer(_balancer(ingress), subnets.split(","))
                self._api.set_finalizers("ingresses", ingress, [*finalizers, FINALIZER])
                self._api.set_status(
                    "ingresses", ingress, {"loadBalancer": {"ingress": [{"hostname": _name(ingress)}]}}
                )

    def _controller_runs(self) -> bool:
        controller = self._api.find("deployments", *CONTROLLER)
        return bool(controller and controller["status"].get("readyReplicas"))

    def _long_enough(self, what: Object) -> bool:
        """Whether it was first asked some seconds ago."""
        now = time.monotonic()
        return now - self._seen.setdefault(what["metadata"]["uid"], now) > DELETION_SECONDS


def _balancer(ingress: Object) -> str:
    name: str = ingress["metadata"]["annotations"]["alb.ingress.kubernetes.io/load-balancer-name"]
    return name


def _name(ingress: Object) -> str:
    return f"{_balancer(ingress)}-{ingress['metadata']['uid'][:8]}.eu-west-1.elb.amazonaws.com"
