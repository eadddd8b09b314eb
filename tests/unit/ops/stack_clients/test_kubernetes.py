"""The client of the Kubernetes API: what it reads, and what it says where it can't."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import EAI_NONAME, gaierror
from typing import Any

import pytest

from ops.console.errors import NoPermissionError, NotFoundError, OperationError, UnreachableError
from ops.console.exit_codes import ExitCode
from ops.stack_clients.kubernetes import Kubernetes, connect
from ops.state.location import StateFile
from ops.state.reading import StackState, StateInstance

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
        answer = {"kind": "Status", "message": "as it is"}
        with api(status, answer) as (kubernetes, _), pytest.raises(kind) as caught:
            kubernetes.version()
        assert caught.value.message == f"Kubernetes: GET /version: {status} as it is"
        assert ("cluster.administrators" in caught.value.fix) is (status in {401, 403})

    @pytest.mark.parametrize("status", [401, 403, 502])
    def test_an_answer_that_is_not_the_apis(self, status: int) -> None:
        """A proxy or firewall in between refuses in other words than a `Status`: nobody's access is blamed for it."""
        with api(status, "Blocked by policy") as (kubernetes, _), pytest.raises(OperationError) as caught:
            kubernetes.version()
        assert not isinstance(caught.value, NoPermissionError)
        assert f'{status} "Blocked by policy" (not Kubernetes\' own answer)' in caught.value.message
        assert "HTTPS_PROXY" in caught.value.fix
        assert "administrators" not in caught.value.fix

    def test_nobody_answers(self) -> None:
        """An API that isn't reached is told by its address, with why, and what to look at; exit code 4."""
        with api(200, {}) as (kubernetes, _):
            pass
        reached = r"The Kubernetes API http://127\.0\.0\.1:\d+ was not reached from here: Connection refused\n"
        with pytest.raises(UnreachableError, match=reached) as caught:
            kubernetes.version()
        assert "cluster.endpoint.public_access_cidrs" in caught.value.fix
        assert caught.value.exit_code is ExitCode.UNREACHED

    def test_a_name_that_is_not_known(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """That DNS has no such name is said in words, whole, and not in urllib3's."""
        monkeypatch.setattr("socket.getaddrinfo", _no_such_name)
        with pytest.raises(UnreachableError) as caught:
            Kubernetes("https://a1b2.gr7.eu-west-1.eks.amazonaws.com", "", "token").version()
        assert caught.value.message == (
            "The Kubernetes API https://a1b2.gr7.eu-west-1.eks.amazonaws.com was not reached from here: its name is "
            "not known here (DNS)"
        )

    def test_a_private_endpoint(self) -> None:
        """Who is outside is sent inside, and not to ranges that the environment file refuses for a private endpoint."""
        with pytest.raises(UnreachableError) as caught:
            Kubernetes("http://127.0.0.1:1", "", "token", private=True).version()
        assert "its endpoint is private: go where the cluster's VPC is reached" in caught.value.fix
        assert "public_access_cidrs" not in caught.value.fix

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
        with api(503, {"kind": "Status", "message": "no endpoints available"}) as (kubernetes, _):
            assert kubernetes.airflow_health("airflow") is None

    @pytest.mark.parametrize("status", [401, 403, 500])
    def test_airflow_itself_refuses(self, status: int) -> None:
        """What its api-server answers is its own affair, told as it is: the cluster has let us in."""
        with api(status, {"detail": "Not authenticated"}) as (kubernetes, _):
            health = kubernetes.airflow_health("airflow")
        assert health == {"api-server": f'answers {status} {{"detail": "Not authenticated"}}'}

    def test_the_cluster_refuses(self) -> None:
        """That the Kubernetes API itself lets nobody through to the service is for its administrators."""
        with api(403, {"kind": "Status", "message": "forbidden"}) as (kubernetes, _), pytest.raises(NoPermissionError):
            kubernetes.airflow_health("airflow")


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


def _no_such_name(*_: object, **__: object) -> None:
    raise gaierror(EAI_NONAME, "Name or service not known")


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

    @pytest.mark.parametrize(("public", "private"), [(True, False), (False, True), (None, False)])
    def test_whether_it_is_private_is_known_from_the_state(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, public: bool | None, private: bool
    ) -> None:
        """As the cluster was deployed, whatever the file says meanwhile."""
        variables = command(tmp_path, 'echo \'{"status": {"token": "abc"}}\'')
        monkeypatch.setenv("PATH", variables["PATH"])
        network = {} if public is None else {"vpc_config": [{"endpoint_public_access": public}]}
        cluster = StateInstance("aws_eks_cluster.cluster", "aws_eks_cluster", False, False, network)  # noqa: FBT003
        assert connect(replace(state(**DEPLOYED), instances=(cluster,)), "eu-west-1", variables).private is private

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
