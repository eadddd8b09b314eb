"""Gives a cluster back as it was, whatever a test has left in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from tests.cluster.kubernetes_api import ApiError, KubernetesApi
from tests.cluster.observation import NAMESPACE
from tests.cluster.trial import wait_for


def deletable(api: KubernetesApi) -> Iterator[str]:
    """The path of every object that may be deleted, but for events, leases and nodes."""
    groups = [group["preferredVersion"]["groupVersion"] for group in api.request("GET", "/apis")["groups"]]
    for path in ["/api/v1", *(f"/apis/{version}" for version in groups)]:
        for resource in api.request("GET", path)["resources"]:
            if not {"list", "delete"} <= {*resource["verbs"]} or resource["name"] in ("events", "leases", "nodes"):
                continue
            for item in api.request("GET", f"{path}/{resource['name']}")["items"]:
                namespace = item["metadata"].get("namespace")
                scope = f"namespaces/{namespace}/" if namespace else ""
                yield f"{path}/{scope}{resource['name']}/{item['metadata']['name']}"


def clear(api: KubernetesApi, before: set[str]) -> None:
    """Delete what was not there before: Airflow's namespace while the controller still runs, then the rest."""
    if namespace := api.find("namespaces", NAMESPACE):
        api.delete("namespaces", namespace)
        wait_for(lambda: api.find("namespaces", NAMESPACE) is None, 120)
    for path in set(deletable(api)) - before:
        with suppress(ApiError):  # it has gone with its owner
            api.request("DELETE", path, {"propagationPolicy": "Background"})
