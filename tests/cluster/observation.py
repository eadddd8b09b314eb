"""What is in a cluster, in the form in which the tests compare it."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping

from tests.cluster.kubernetes_api import KubernetesApi, Object

NAMESPACE = "airflow"
WORKLOADS = ("deployments", "statefulsets")

#: Come and go by themselves.
_VOLATILE = {"events", "leases", "nodes", "componentstatuses", "endpointslices", "endpoints"}


def templates(api: KubernetesApi) -> dict[str, str]:
    """Workload -> its pod template: whose is another one, whose pods are replaced."""
    return {
        item["metadata"]["name"]: json.dumps(item["spec"]["template"], sort_keys=True)
        for kind in WORKLOADS
        for namespace in (NAMESPACE, "kube-system")
        for item in api.items(kind, namespace)
    }


def changed(before: Mapping[str, object], after: Mapping[str, object]) -> set[str]:
    """Names of which there is another value, or which are there on one side only."""
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def unready(api: KubernetesApi, namespace: str = NAMESPACE) -> list[str]:
    """Workloads that don't have all of their pods, of their newest template, ready; those ready: none."""
    return [
        item["metadata"]["name"]
        for kind in WORKLOADS
        for item in api.items(kind, namespace)
        if not item["spec"]["replicas"]
        == item["status"].get("readyReplicas")
        == item["status"].get("updatedReplicas")
        == item["status"]["replicas"]
    ]


def jobs(api: KubernetesApi) -> dict[str, Object]:
    """Name -> job."""
    return {job["metadata"]["name"]: job for job in api.items("jobs", NAMESPACE)}


def secrets(api: KubernetesApi) -> dict[str, dict[str, str]]:
    """Secret of ours -> its keys and values."""
    return {
        item["metadata"]["name"]: {key: base64.b64decode(value).decode() for key, value in item["data"].items()}
        for item in api.items("secrets", NAMESPACE)
        if item["metadata"]["name"].startswith("airflow-ext-")
    }


def releases(api: KubernetesApi, namespace: str = NAMESPACE) -> dict[str, Object]:
    """Helm's revisions, `airflow.v1` and so on: the secret that each is kept in."""
    return {
        f"{item['metadata']['labels']['name']}.v{item['metadata']['labels']['version']}": item
        for item in api.items("secrets", namespace)
        if item["type"] == "helm.sh/release.v1"
    }


def statuses(api: KubernetesApi) -> dict[str, str]:
    """Revision of the release of Airflow -> how it stands."""
    return {name: item["metadata"]["labels"]["status"] for name, item in releases(api).items()}


def release_texts(api: KubernetesApi) -> dict[str, str]:
    """Revision -> all that Helm keeps of it: values, chart, what was rendered."""
    return {
        f"release {name}": gzip.decompress(base64.b64decode(base64.b64decode(item["data"]["release"]))).decode()
        for namespace in (NAMESPACE, "kube-system")
        for name, item in releases(api, namespace).items()
    }


def object_texts(api: KubernetesApi) -> dict[str, str]:
    """Kind -> all objects of the namespace that people may see who may not see secrets."""
    kinds = ("pods", "deployments", "statefulsets", "jobs", "configmaps", "services", "ingresses", "events")
    return {kind: json.dumps(api.items(kind, NAMESPACE)) for kind in kinds}


def refused_pods(api: KubernetesApi) -> list[str]:
    """Messages of pods that could not be made: PodSecurity, quota and the like."""
    return [event["message"] for event in api.items("events", NAMESPACE) if event["reason"] == "FailedCreate"]


def inventory(api: KubernetesApi) -> list[str]:
    """Every object of every kind that the API lists, by name; what comes and goes by itself is left out."""
    found = []
    groups = [group["preferredVersion"]["groupVersion"] for group in api.request("GET", "/apis")["groups"]]
    for path in ["/api/v1", *(f"/apis/{version}" for version in groups)]:
        for resource in api.request("GET", path)["resources"]:
            if "list" not in resource["verbs"] or resource["name"] in _VOLATILE:
                continue
            for item in api.request("GET", f"{path}/{resource['name']}")["items"]:
                metadata = item["metadata"]
                found.append(f"{resource['name']} {metadata.get('namespace', '')}/{metadata['name']}")
    return sorted(found)
