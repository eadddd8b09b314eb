"""The Kubernetes API of the environment's cluster, as far as the commands need it."""

from __future__ import annotations

import base64
import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any
from urllib.parse import SplitResult, quote, unquote, urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from constructs.airflow.charts.airflow_chart import RELEASE

from ops.console.errors import (
    ClusterUnreachableError,
    ForeignAnswerError,
    NoPermissionError,
    NotFoundError,
    OperationError,
    UnreachableError,
)
from ops.console.exit_codes import ExitCode
from ops.console.wording import one_line
from ops.state.reading import CLUSTER_OUTPUTS, StackState

#: Seconds. An endpoint that doesn't let us in drops packets: nobody waits a minute for that.
CONNECT_TIMEOUT = 5.0
READ_TIMEOUT = 30.0

_LET_IN = "have your address in cluster.endpoint.public_access_cidrs, or go where the VPC is reached"
_INSIDE = "its endpoint is private: go where the cluster's VPC is reached (a VPN, a runner inside it)"

#: What the API server leaves everything but the metadata out for.
_METADATA = "application/json;as={kind};g=meta.k8s.io;v=v1"

_PENDING = ("pending-install", "pending-upgrade", "pending-rollback")
_BAD_REQUEST, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND = 400, 401, 403, 404


@dataclass(frozen=True, order=True)
class HelmRevision:
    """One revision of a release, as Helm keeps it in a secret."""

    release: str
    number: int
    status: str
    """`deployed`, `failed`, `superseded`, `pending-install`, ..."""

    secret: str
    """Name of that secret."""

    @property
    def pending(self) -> bool:
        """Whether Helm was stopped in the middle of it."""
        return self.status in _PENDING


@dataclass(frozen=True)
class Kubernetes:
    """A client with a token of ours; every method raises `OperationError` where the API doesn't do as asked."""

    endpoint: str
    certificate_authority: str = field(repr=False)
    """PEM."""

    token: str = field(repr=False)
    private: bool = False
    """The endpoint answers in the cluster's VPC only."""

    def get(self, path: str, **query: str) -> Any:
        """The JSON at a path of the API.

        Raises:
            NotFoundError: there is nothing.
            UnreachableError: nobody answers.
            NoPermissionError: we may not.
            OperationError: it answers an error.
        """
        return self._call("GET", path, query)

    def metadata(self, path: str) -> Any:
        """An object without data, specification and status: of a secret only its name and labels. Raises as `get`."""
        return self._call("GET", path, {}, accept=_METADATA.format(kind="PartialObjectMetadata"))

    def delete(self, path: str, **query: str) -> None:
        """Delete the object at a path. Raises as `get`."""
        self._call("DELETE", path, query)

    def version(self) -> str:
        """Version of the control plane, `v1.35.2-eks-...`."""
        return str(self.get("/version")["gitVersion"])

    def helm_revisions(self, namespace: str, release: str = RELEASE) -> list[HelmRevision]:
        """Every revision that Helm knows of a release, oldest first; empty where it was never installed."""
        path = f"/api/v1/namespaces/{namespace}/secrets"
        query = {"labelSelector": f"owner=helm,name={release}"}
        found = self._call("GET", path, query, accept=_METADATA.format(kind="PartialObjectMetadataList"))
        revisions = []
        for secret in found["items"] or []:  # of metadata alone an empty list is null, unlike one of whole objects
            labels = secret["metadata"].get("labels", {})
            number = labels.get("version", "")
            if re.fullmatch(r"\d+", number):
                name = secret["metadata"]["name"]
                revisions.append(HelmRevision(release, int(number), labels.get("status", "unknown"), name))
        return sorted(revisions)

    def delete_secret(self, namespace: str, name: str) -> None:
        """Delete a secret. Raises as `get`."""
        self.delete(f"/api/v1/namespaces/{namespace}/secrets/{name}")

    def job(self, namespace: str, name: str) -> Mapping[str, Any] | None:
        """Status of a job (`succeeded`, `failed`, `conditions`); None where there is none."""
        try:
            found: Mapping[str, Any] = self.get(f"/apis/batch/v1/namespaces/{namespace}/jobs/{name}").get("status", {})
        except NotFoundError:
            return None
        return found

    def airflow_health(self, namespace: str) -> Mapping[str, str] | None:
        """Component -> `healthy` or not, as Airflow's api-server says; None where nobody answers for it.

        Raises:
            NoPermissionError: we may not ask through the Kubernetes API.
            UnreachableError: the Kubernetes API doesn't answer.
        """
        path = f"/api/v1/namespaces/{namespace}/services/{RELEASE}-api-server:api-server/proxy/api/v2/monitor/health"
        try:
            answer = self.get(path)
        except (NoPermissionError, UnreachableError):
            raise
        except ForeignAnswerError as refused:  # the service itself has answered
            return {"api-server": f"answers {refused.said}"}
        except OperationError:  # no such service, or nobody behind it
            return None
        return {name: str(part.get("status")) for name, part in answer.items() if isinstance(part, dict)}

    def _call(self, method: str, path: str, query: Mapping[str, str], accept: str = "application/json") -> Any:
        url = f"{self.endpoint}{quote(path)}" + (f"?{urlencode(query)}" if query else "")
        headers = {"Authorization": f"Bearer {self.token}", "Accept": accept}
        try:
            with self._pool() as pool:
                answer = pool.request(method, url, headers=headers, retries=False)
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise ClusterUnreachableError(
                f"The Kubernetes API {self.endpoint} was not reached from here: {_why(error)}",
                fix=_INSIDE if self.private else _LET_IN,
            ) from error
        return self._answer(method, path, answer.status, answer.data)

    def _pool(self) -> urllib3.PoolManager:
        timeout = urllib3.Timeout(connect=CONNECT_TIMEOUT, read=READ_TIMEOUT)
        options: dict[str, Any] = {"timeout": timeout}
        if self.endpoint.startswith("https://"):
            options |= {"cert_reqs": "CERT_REQUIRED", "ca_cert_data": self.certificate_authority}
        proxy = _proxy(self.endpoint)
        if proxy is None:
            return urllib3.PoolManager(**options)
        login = ":".join(unquote(part or "") for part in (proxy.username, proxy.password)) if proxy.username else None
        headers = urllib3.make_headers(proxy_basic_auth=login)
        return urllib3.ProxyManager(
            proxy._replace(netloc=proxy.netloc.rpartition("@")[2]).geturl(), proxy_headers=headers, **options
        )

    def _answer(self, method: str, path: str, status: int, data: bytes) -> Any:
        try:
            content = json.loads(data)
        except ValueError:
            content = None
        if status < _BAD_REQUEST:
            return content
        ours = isinstance(content, dict) and content.get("kind") == "Status"
        said = str(content.get("message", "")) if ours else one_line(data.decode("utf-8", "replace"))
        what = f"Kubernetes: {method} {path}: {status} {said}".strip()
        if status == _NOT_FOUND:  # in plain text where a whole API group is missing
            raise NotFoundError(what)
        if not ours:
            raise ForeignAnswerError(what, said=f"{status} {said}".strip())
        if status in (_UNAUTHORIZED, _FORBIDDEN):
            raise NoPermissionError(what, fix="call as one of cluster.administrators of the environment file")
        raise OperationError(what)


def _why(error: Exception) -> str:
    """Why nobody answered, in a few words, whatever urllib3 has put around them."""
    if isinstance(error, urllib3.exceptions.NameResolutionError):
        return "its name is not known here (DNS)"
    if isinstance(error, urllib3.exceptions.NewConnectionError):
        return one_line(getattr(error.__cause__, "strerror", None) or error)
    if isinstance(error, urllib3.exceptions.ConnectTimeoutError):
        return f"no answer within {CONNECT_TIMEOUT:.0f} s"
    if isinstance(error, urllib3.exceptions.ReadTimeoutError):
        return f"connected, and no answer within {READ_TIMEOUT:.0f} s"
    return one_line(error)


def _proxy(endpoint: str) -> SplitResult | None:
    """The proxy that HTTPS_PROXY and NO_PROXY have for an endpoint, as Terraform's providers understand them."""
    asked = urlsplit(endpoint)
    host = asked.hostname or ""
    proxy = getproxies().get(asked.scheme)
    if not proxy or _is_this_machine(host) or proxy_bypass(host):
        return None
    return urlsplit(proxy if "://" in proxy else f"http://{proxy}")


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def connect(state: StackState, region: str, environ: Mapping[str, str]) -> Kubernetes:
    """Return a client of the cluster that the state of `infrastructure` knows, with a token of `aws eks get-token`.

    Nothing is called at the cluster yet.

    Raises:
        OperationError: there is no cluster in the state; there is no AWS CLI, or it gets no token.
    """
    name, endpoint, authority = (str(state.output(known)) for known in CLUSTER_OUTPUTS)
    certificate = base64.b64decode(authority).decode("utf-8", "replace")
    network: Mapping[str, Any] = next(iter(state.attributes("aws_eks_cluster.cluster").get("vpc_config") or ()), {})
    private = network.get("endpoint_public_access") is False
    return Kubernetes(endpoint.rstrip("/"), certificate, _token(name, region, environ), private)


def _token(cluster: str, region: str, environ: Mapping[str, str]) -> str:
    command = ["aws", "eks", "get-token", "--cluster-name", cluster, "--region", region, "--output", "json"]
    try:
        done = subprocess.run(command, env=dict(environ), capture_output=True, text=True, check=False, timeout=60)
    except FileNotFoundError as missing:
        raise OperationError(
            "The AWS CLI is not on PATH; the cluster is entered by `aws eks get-token`.",
            fix="install it: https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html",
            exit_code=ExitCode.MISTAKE,
        ) from missing
    except subprocess.TimeoutExpired as slow:
        raise UnreachableError("`aws eks get-token` did not end within a minute.") from slow
    try:
        token: str = json.loads(done.stdout)["status"]["token"]
    except (ValueError, KeyError, TypeError) as none:
        raise OperationError(f"`aws eks get-token` got no token for {cluster}: {one_line(done.stderr)}") from none
    return token
