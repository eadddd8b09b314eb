"""An Application Load Balancer in small: ends TLS, sets the headers that it sets, passes the rest on as it came."""

from __future__ import annotations

import contextlib
import http.client
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

from tests.airflow.authority import Authority

HOST = "airflow.example.com"
#: The balancer's subnet, and its address there: the loopback has many.
SUBNET = "127.0.1.0/24"
ADDRESS = "127.0.1.10"
#: A browser's, outside of that subnet.
CLIENT = "127.0.2.20"
#: Whoever else is in the cluster.
STRANGER = "127.0.3.30"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: str

    def header(self, name: str) -> str:
        """Return the header of that name; empty where there is none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    @property
    def cookies(self) -> dict[str, str]:
        """Names of the cookies that are set, each with all that is said of it."""
        return {value.partition("=")[0]: value for key, value in self.headers if key.lower() == "set-cookie"}


@dataclass(frozen=True)
class Client:
    """Something that sends requests from an address of its own."""

    address: str
    port: int
    authority: Authority | None = None
    """Of the server; None speaks HTTP."""

    def send(
        self, path: str, headers: Mapping[str, str] | None = None, *, form: str | None = None, host: str = HOST
    ) -> Answer:
        """Send a GET, or a POST with a form, and return the answer without following it."""
        connection = self._connect()
        try:
            posted = {"Content-Type": "application/x-www-form-urlencoded"} if form is not None else {}
            sent = {"Host": host, "Accept": "text/html", **posted, **(headers or {})}
            connection.request("GET" if form is None else "POST", path, body=form, headers=sent)
            response = connection.getresponse()
            return Answer(response.status, tuple(response.getheaders()), response.read().decode("utf-8", "replace"))
        finally:
            connection.close()

    def _connect(self) -> http.client.HTTPConnection:
        source = (self.address, 0)
        if self.authority is None:
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60, source_address=source)
        trust = ssl.create_default_context(cadata=self.authority.pem)
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=60, source_address=source, context=trust)


class _Handler(BaseHTTPRequestHandler):
    """One request: to the target it goes with what the balancer adds."""

    target: ClassVar[int]

    def do_GET(self) -> None:
        """Pass a request on."""
        self._pass_on()

    def do_POST(self) -> None:
        """Pass a form on."""
        self._pass_on()

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        sent = [(name, value) for name, value in self.headers.items() if name.lower() not in _OWN]
        client = self.client_address[0]
        before = self.headers.get("X-Forwarded-For")
        sent += [
            ("X-Forwarded-For", f"{before}, {client}" if before else client),
            ("X-Forwarded-Proto", "https"),
            ("X-Forwarded-Port", "443"),
            ("X-Amzn-Trace-Id", "Root=1-67891233-abcdef012345678912345678"),
        ]
        connection = http.client.HTTPConnection("127.0.0.1", self.target, timeout=60, source_address=(ADDRESS, 0))
        connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in sent:
            connection.putheader(name, value)
        connection.endheaders(body)
        response = connection.getresponse()
        content = response.read()
        self.send_response_only(response.status)
        for name, value in response.getheaders():
            if name.lower() not in {"transfer-encoding", "content-length", "connection"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        connection.close()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


#: Headers that the balancer sets itself, whatever the client sent.
_OWN = {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-port", "connection"}


@contextlib.contextmanager
def running(target: int, authority: Authority, folder: Path) -> Iterator[int]:
    """Balance to a port of the loopback; give the balancer's own."""
    certificate, key = authority.issue(HOST, "127.0.0.1")
    (folder / "balancer.pem").write_text(certificate + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "balancer.pem")
    handler = type("Handler", (_Handler,), {"target": target})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()
            thread.join()
