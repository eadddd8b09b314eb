"""A Kubernetes API by its kubeconfig: requests, and what they need to be allowed."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self

import urllib3
import yaml

Object = dict[str, Any]

STRATEGIC_MERGE = "application/strategic-merge-patch+json"
MERGE = "application/merge-patch+json"

WEBHOOK_KINDS = ("validatingwebhookconfigurations", "mutatingwebhookconfigurations")

#: For so long a request is sent again that the API puts off, as it does where a definition is new.
BUSY_SECONDS = 20

#: Kind, as people call it, to the path of its group.
GROUPS = {
    **dict.fromkeys(("deployments", "statefulsets", "replicasets"), "/apis/apps/v1"),
    "jobs": "/apis/batch/v1",
    "ingresses": "/apis/networking.k8s.io/v1",
    "ingressclasses": "/apis/networking.k8s.io/v1",
    "networkpolicies": "/apis/networking.k8s.io/v1",
    "storageclasses": "/apis/storage.k8s.io/v1",
    "leases": "/apis/coordination.k8s.io/v1",
    **dict.fromkeys(WEBHOOK_KINDS, "/apis/admissionregistration.k8s.io/v1"),
    "customresourcedefinitions": "/apis/apiextensions.k8s.io/v1",
}


class KubeconfigError(Exception):
    """The kubeconfig names no API that a test can use; the message says why."""


class ApiError(Exception):
    """The API refused a request."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status


class StaleError(ApiError):
    """The object is gone or has changed meanwhile."""


@dataclass(frozen=True, kw_only=True)
class Kubeconfig:
    """The current context of a kubeconfig, with everything that it names read."""

    server: str
    authority: bytes
    """PEM."""

    certificate: bytes | None
    key: bytes | None
    token: str | None

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a kubeconfig whose user has a client certificate or a token.

        Raises:
            KubeconfigError: there is none, or it is another kind of login or an API without TLS.
        """
        try:
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise KubeconfigError(f"{path} can't be read: {error.strerror}.") from error
        named = {kind: {item["name"]: item[kind] for item in content[f"{kind}s"]} for kind in ("cluster", "user")}
        [context] = [item["context"] for item in content["contexts"] if item["name"] == content["current-context"]]
        cluster, user = named["cluster"][context["cluster"]], named["user"][context["user"]]
        authority = _material(path, cluster, "certificate-authority")
        certificate, key = (_material(path, user, name) for name in ("client-certificate", "client-key"))
        if not cluster["server"].startswith("https://") or not authority:
            raise KubeconfigError(f"{path}: an API server with https:// and its certificate authority is needed.")
        if not (certificate and key) and not user.get("token"):
            raise KubeconfigError(f"{path}: its user has neither a client certificate with its key nor a token.")
        return cls(
            server=cluster["server"],
            authority=authority,
            certificate=certificate,
            key=key,
            token=user.get("token"),
        )

    def exec_credential(self) -> str:
        """What a login command of Kubernetes clients prints to be this user."""
        status = {"token": self.token} if self.token else {}
        if self.certificate and self.key:
            status = {"clientCertificateData": self.certificate.decode(), "clientKeyData": self.key.decode()}
        version = "client.authentication.k8s.io/v1beta1"
        return json.dumps({"apiVersion": version, "kind": "ExecCredential", "status": status})


def _material(kubeconfig: Path, section: Mapping[str, str], name: str) -> bytes | None:
    if f"{name}-data" in section:
        return base64.b64decode(section[f"{name}-data"])
    return (kubeconfig.parent / section[name]).read_bytes() if name in section else None


class KubernetesApi:
    """Requests to an API server; threads may share it."""

    def __init__(self, kubeconfig: Kubeconfig, folder: Path) -> None:
        """`folder` gets the certificates as files, which is how Python's TLS wants them."""
        self._server = kubeconfig.server
        files: dict[str, Any] = {}
        for argument, content in (
            ("ca_certs", kubeconfig.authority),
            ("cert_file", kubeconfig.certificate),
            ("key_file", kubeconfig.key),
        ):
            if content:
                path = folder / argument
                path.write_bytes(content)
                files[argument] = str(path)
        headers = {"Authorization": f"Bearer {kubeconfig.token}"} if kubeconfig.token else {}
        self._pool = urllib3.PoolManager(headers=headers, timeout=30.0, retries=False, maxsize=4, **files)

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

    def request(self, method: str, path: str, body: object = None, content_type: str = "application/json") -> Object:
        """Send one request and return the answer.

        Raises:
            ApiError: it was refused.
        """
        headers = {**self._pool.headers, "Content-Type": content_type}
        data = None if body is None else json.dumps(body)
        response = self._pool.request(method, self._server + path, body=data, headers=headers)
        for _ in range(BUSY_SECONDS):
            if response.status != HTTPStatus.TOO_MANY_REQUESTS:
                break
            time.sleep(1.0)
            response = self._pool.request(method, self._server + path, body=data, headers=headers)
        if response.status >= HTTPStatus.BAD_REQUEST:
            kind = StaleError if response.status in (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT) else ApiError
            raise kind(response.status, f"{method} {path}: {response.data.decode('utf-8', 'replace')[:500]}")
        answer: Object = json.loads(response.data)
        return answer

    def items(self, kind: str, namespace: str | None = None) -> list[Object]:
        """All objects of a kind, of one namespace or of the whole cluster."""
        found: list[Object] = self.request("GET", collection(kind, namespace))["items"]
        return found

    def find(self, kind: str, name: str, namespace: str | None = None) -> Object | None:
        """One object, None where there is none."""
        try:
            return self.request("GET", f"{collection(kind, namespace)}/{name}")
        except ApiError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return None
            raise

    def create(self, kind: str, content: Object, namespace: str | None = None) -> Object:
        """Make an object."""
        return self.request("POST", collection(kind, namespace), content)

    def set_status(self, kind: str, of: Object, status: Object) -> None:
        """Write into an object's status, as its controller does."""
        self.request("PATCH", f"{address(kind, of)}/status", {"status": status}, STRATEGIC_MERGE)

    def merge(self, kind: str, of: Object, changes: Object) -> None:
        """Change some fields, as `kubectl patch --type merge` does."""
        self.request("PATCH", address(kind, of), changes, MERGE)

    def set_finalizers(self, kind: str, of: Object, finalizers: list[str]) -> None:
        """Say what an object waits for before it goes."""
        self.merge(kind, of, {"metadata": {"finalizers": finalizers}})

    def delete(self, kind: str, what: Object, *, at_once: bool = False, orphan: bool = False) -> None:
        """Delete an object; `at_once` is what a kubelet says when a pod has ended, with `orphan` what it owns stays."""
        options: Object = {"gracePeriodSeconds": 0} if at_once else {}
        if orphan:
            options["propagationPolicy"] = "Orphan"
        uid = what["metadata"]["uid"]
        self.request("DELETE", address(kind, what), {**options, "preconditions": {"uid": uid}})


def collection(kind: str, namespace: str | None = None) -> str:
    """Path of all objects of a kind."""
    scope = f"/namespaces/{namespace}" if namespace else ""
    return f"{GROUPS.get(kind, '/api/v1')}{scope}/{kind}"


def address(kind: str, of: Object) -> str:
    """Path of an object that the API has given."""
    metadata = of["metadata"]
    return f"{collection(kind, metadata.get('namespace'))}/{metadata['name']}"
