"""Airflow's API as `ops dags status` asks it; tests/airflow/test_bundles.py has the real one."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ops.clients.airflow import AirflowApi
from ops.console.errors import NoPermissionError, OperationError, UnreachableError

DAGS = [{"dag_id": f"dag-{number}"} for number in range(5)]
#: `[api] maximum_page_limit`, as somebody may have set it.
MOST = 2


class _Handler(BaseHTTPRequestHandler):
    """Signs in whoever knows the password, and gives pages of at most two."""

    def do_POST(self) -> None:
        """A token, or 401."""
        given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        known = given == {"username": "admin", "password": "right"}
        self._answer(*((201, {"access_token": "t"}) if known else (401, {"detail": "no"})))

    def do_GET(self) -> None:
        """DAGs for the token; nothing else is there."""
        if self.headers["Authorization"] != "Bearer t":
            self._answer(401, {"detail": "who?"})
        elif self.path.startswith("/api/v2/dags?"):
            asked = {key: int(values[0]) for key, values in parse_qs(urlsplit(self.path).query).items()}
            page = DAGS[asked["offset"] :][: min(asked["limit"], MOST)]
            self._answer(200, {"dags": page, "total_entries": len(DAGS)})
        else:
            self._answer(404, {"detail": "not found"})

    def _answer(self, status: int, document: Any) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Where the API is."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_all_pages_are_read(url: str) -> None:
    """However few entries Airflow gives at once."""
    assert list(AirflowApi.signed_in(url, "admin", "right").dags()) == DAGS


def test_another_password_is_refused_in_words(url: str) -> None:
    """With the way to one that counts; the password itself is in no message."""
    with pytest.raises(NoPermissionError, match="does not take the password of admin") as refused:
        AirflowApi.signed_in(url, "admin", "wrong-one")
    assert "ops rotate admin" in refused.value.fix
    assert "wrong-one" not in str(refused.value)


def test_what_is_not_there_is_told(url: str) -> None:
    """By status and Airflow's own word."""
    with pytest.raises(OperationError, match="refused GET importErrors: 404 not found"):
        list(AirflowApi.signed_in(url, "admin", "right").import_errors())


def test_nobody_answers() -> None:
    """The way to see where Airflow is, and who may reach it."""
    with pytest.raises(UnreachableError, match=r"Airflow does not answer at http://127\.0\.0\.1:1") as refused:
        AirflowApi.signed_in("http://127.0.0.1:1", "admin", "right")
    assert "ops url" in refused.value.fix
