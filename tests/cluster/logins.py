"""Tokens for a cluster: of somebody who may everything, and of somebody who may nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.cluster.kubernetes_api import KubernetesApi, StaleError

ADMINISTRATOR, STRANGER = "administrator", "stranger"

_ACCOUNTS = "/api/v1/namespaces/default/serviceaccounts"
_BINDINGS = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"
_SECONDS = 3 * 60 * 60


@contextmanager
def logins(api: KubernetesApi) -> Iterator[dict[str, str]]:
    """Name -> what `aws eks get-token` prints for it; they end with the block."""
    _remove(api)
    for name in (ADMINISTRATOR, STRANGER):
        api.request("POST", _ACCOUNTS, {"metadata": {"name": name}})
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"}
    subject = {"kind": "ServiceAccount", "name": ADMINISTRATOR, "namespace": "default"}
    binding = {"metadata": {"name": f"tests-{ADMINISTRATOR}"}, "roleRef": role, "subjects": [subject]}
    api.request("POST", _BINDINGS, binding)
    try:
        yield {name: _credential(api, name) for name in (ADMINISTRATOR, STRANGER)}
    finally:
        _remove(api)


def _credential(api: KubernetesApi, name: str) -> str:
    asked = {"spec": {"expirationSeconds": _SECONDS}}
    token = api.request("POST", f"{_ACCOUNTS}/{name}/token", asked)["status"]["token"]
    version = "client.authentication.k8s.io/v1beta1"
    return json.dumps({"apiVersion": version, "kind": "ExecCredential", "status": {"token": token}})


def _remove(api: KubernetesApi) -> None:
    for path in (
        f"{_BINDINGS}/tests-{ADMINISTRATOR}",
        *(f"{_ACCOUNTS}/{name}" for name in (ADMINISTRATOR, STRANGER)),
    ):
        with suppress(StaleError):
            api.request("DELETE", path)
