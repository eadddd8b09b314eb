"""The client of the Kubernetes API: what it reads, and what it says where it can't."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ops.errors import NoPermissionError, NotFoundError, OperationError, UnreachableError
from ops.exit_codes import ExitCode
from ops.kubernetes import Kubernetes, connect
from ops.state_location import StateFile
from ops.states import StackState

HEALTH = "/api/v1/namespaces/airflow/services/airflow-api-server:api-server/proxy/api/v2/monitor/health"


@contextmanager
def api(status: int, body: Any) -> Iterator[tuple[Kubernetes, list[str]]]:
    """A client of an API that answers everything alike, and the paths that it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # http.server's name
            asked.append(self.path)
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Kubernetes(f"http://127.0.0.1:{server.server_port}", "", "token"), asked
        server.shutdown()


class TestHelmRevisions:
    def test_none_where_nothing_was_installed(self) -> None:
        """A real API answers an empty list of metadata with null in place of the items."""
        with api(200, {"kind": "PartialObjectMetadataList", "items": None}) as (kubernetes, _):
            assert kubernetes.helm_revisions("airflow") == []


class TestErrors:
    @pytest.mark.parametrize(
        ("status", "kind"),
        [(401, NoPermissionError), (403, NoPermissionError), (404, NotFoundError), (500, OperationError)],
    )
    def test_what_the_api_answers_is_told(self, status: int, kind: type[OperationError]) -> None:
        """The request and the API's own words."""
        with api(status, {"message": "as it is"}) as (kubernetes, _), pytest.raises(kind) as caught:
            kubernetes.version()
        assert caught.value.message == f"Kubernetes: GET /version: {status} as it is"

    def test_nobody_answers(self) -> None:
        """An API that isn't reached is told by its address, with what to look at."""
        with api(200, {}) as (kubernetes, _):
            pass
        with pytest.raises(UnreachableError, match=r"127\.0\.0\.1:\d+ was not reached from here") as caught:
            kubernetes.version()
        assert "cluster.endpoint.public_access_cidrs" in caught.value.fix

    def test_the_token_is_in_no_text(self) -> None:
        """Neither the client's nor the error's text holds it."""
        assert "token-of-mine" not in repr(Kubernetes("https://127.0.0.1:1", "", "token-of-mine"))


@contextmanager
def proxy() -> Iterator[tuple[str, list[tuple[str, str | None]]]]:
    """Address of a proxy that lets nobody through; what it is asked for, and with which login."""
    asked: list[tuple[str, str | None]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:  # http.server's name
            asked.append((self.path, self.headers.get("Proxy-Authorization")))
            self.send_error(403)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}", asked
        server.shutdown()


class TestProxy:
    @pytest.mark.parametrize(
        ("address", "login"),
        [("http://{}", None), ("{}", None), ("http://ann:p%40ss@{}", "Basic YW5uOnBAc3M=")],
        ids=["url", "without-scheme", "with-login"],
    )
    def test_the_one_of_the_environment_is_used(
        self, monkeypatch: pytest.MonkeyPatch, address: str, login: str | None
    ) -> None:
        """A cluster beyond HTTPS_PROXY is asked for there, as Terraform's providers do it; no error shows the login."""
        with proxy() as (where, asked):
            set_proxy(monkeypatch, address.format(where))
            with pytest.raises(UnreachableError) as caught:
                Kubernetes("https://cluster.invalid", "", "token").version()
        assert asked == [("cluster.invalid:443", login)]
        assert "p%40ss" not in str(caught.value)

    @pytest.mark.parametrize("endpoint", ["https://cluster.invalid", "https://127.0.0.1:1", "https://localhost:1"])
    def test_not_where_it_is_excepted(self, monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
        """A name of NO_PROXY and this machine are called without it."""
        with proxy() as (where, asked):
            set_proxy(monkeypatch, f"http://{where}", no_proxy=".invalid")
            with pytest.raises(UnreachableError):
                Kubernetes(endpoint, "", "token").version()
        assert asked == []


def set_proxy(monkeypatch: pytest.MonkeyPatch, address: str, no_proxy: str = "") -> None:
    """Have HTTPS_PROXY and NO_PROXY, and none of their other spellings."""
    for name in ("https_proxy", "no_proxy", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", address)
    monkeypatch.setenv("NO_PROXY", no_proxy)


class TestHealth:
    def test_each_component_is_told(self) -> None:
        """Airflow is asked through its service; components are named with what it says of them."""
        said = {"metadatabase": {"status": "healthy"}, "scheduler": {"status": "unhealthy"}}
        with api(200, said) as (kubernetes, asked):
            assert kubernetes.airflow_health("airflow") == {"metadatabase": "healthy", "scheduler": "unhealthy"}
        assert asked == [HEALTH.replace(":", "%3A")]

    def test_nobody_behind_the_service(self) -> None:
        """No pod that answers is no health, and no error."""
        with api(503, {"message": "no endpoints available"}) as (kubernetes, _):
            assert kubernetes.airflow_health("airflow") is None


class TestRevisions:
    def test_oldest_first_by_number(self) -> None:
        """The tenth comes after the ninth; secrets of Helm's without a number are none."""
        items = [
            {"metadata": {"name": f"v{number}", "labels": {"version": number, "status": status}}}
            for number, status in (("10", "pending-upgrade"), ("9", "deployed"), ("x", "deployed"))
        ]
        with api(200, {"items": items}) as (kubernetes, asked):
            found = kubernetes.helm_revisions("airflow")
        assert [(revision.number, revision.pending) for revision in found] == [(9, False), (10, True)]
        assert asked == ["/api/v1/namespaces/airflow/secrets?labelSelector=owner%3Dhelm%2Cname%3Dairflow"]


def state(**outputs: str) -> StackState:
    """A state of `infrastructure` with outputs."""
    return StackState(stack="infrastructure", location=StateFile(Path("state")), text="x", outputs=outputs)


DEPLOYED = {
    "cluster_name": "airflow-dev",
    "cluster_endpoint": "https://127.0.0.1:1/",
    "cluster_certificate_authority": "eA==",
}


def command(folder: Path, script: str) -> dict[str, str]:
    """Variables with an `aws` of our own."""
    (folder / "aws").write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    (folder / "aws").chmod(0o755)
    return {"PATH": f"{folder}:/usr/bin:/bin"}


class TestLogin:
    def test_by_the_aws_cli(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The token is the one that `aws eks get-token` prints for the cluster and its region."""
        variables = command(tmp_path, f'echo "$@" > {tmp_path}/asked; echo \'{{"status": {{"token": "abc"}}}}\'')
        monkeypatch.setenv("PATH", variables["PATH"])
        kubernetes = connect(state(**DEPLOYED), "eu-west-1", variables)
        assert (kubernetes.endpoint, kubernetes.token) == ("https://127.0.0.1:1", "abc")
        assert "--cluster-name airflow-dev --region eu-west-1" in (tmp_path / "asked").read_text(encoding="utf-8")

    def test_a_refusal_is_told(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where it gets no token its own words are shown."""
        variables = command(tmp_path, "echo 'Unable to locate credentials.' >&2; exit 255")
        monkeypatch.setenv("PATH", variables["PATH"])
        with pytest.raises(OperationError, match=r"no token for airflow-dev: Unable to locate credentials\."):
            connect(state(**DEPLOYED), "eu-west-1", variables)

    def test_no_aws_cli(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without it the mistake is the user's, with the way to it."""
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(OperationError, match="AWS CLI is not on PATH") as caught:
            connect(state(**DEPLOYED), "eu-west-1", {"PATH": str(tmp_path)})
        assert caught.value.exit_code is ExitCode.MISTAKE
        assert "install" in caught.value.fix

    def test_no_cluster_yet(self) -> None:
        """A state without the cluster's outputs says what to do."""
        with pytest.raises(OperationError, match="has no output cluster_name"):
            connect(state(), "eu-west-1", {})
