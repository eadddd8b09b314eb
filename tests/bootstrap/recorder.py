"""A proxy on the loopback that notes every request on its way to the local AWS endpoint, body and all.

The endpoint's own log has service and action of a call; what it was called with, which decides what IAM is asked, is
read here.
"""

from __future__ import annotations

import http.client
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

#: Headers that are of the connection, not of the request (RFC 9110, 7.6.1), or set anew.
_OF_THE_CONNECTION = ("connection", "keep-alive", "transfer-encoding", "content-length", "date", "server")


@dataclass(frozen=True)
class Exchange:
    """A request, and how it was answered."""

    method: str
    target: str
    """Path and query."""

    headers: Mapping[str, str]
    body: bytes
    status: int
    answer: bytes = field(repr=False)


class Recorder:
    """Passes requests on to an endpoint on this machine and keeps them in the order of their answers."""

    def __init__(self, endpoint: str) -> None:
        self._target = urlsplit(endpoint).netloc
        self._exchanges: list[Exchange] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.endpoint = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def exchanges(self) -> list[Exchange]:
        """Everything so far."""
        return list(self._exchanges)

    def pass_on(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[Exchange, list[tuple[str, str]]]:
        """Send a request to the endpoint, note it and return it with the answer's headers."""
        connection = http.client.HTTPConnection(self._target, timeout=900)
        try:
            # The host stays as the caller has signed and addressed it.
            connection.request(method, target, body, {**headers, "Content-Length": str(len(body))})
            response = connection.getresponse()
            exchange = Exchange(method, target, dict(headers), body, response.status, response.read())
            self._exchanges.append(exchange)
            return exchange, response.getheaders()
        finally:
            connection.close()


def _handler(recorder: Recorder) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _OF_THE_CONNECTION}
            exchange, answered = recorder.pass_on(self.command, self.path, headers, self._body())
            self.send_response_only(exchange.status)
            for name, value in answered:
                if name.lower() not in _OF_THE_CONNECTION or (
                    name.lower() == "content-length" and self.command == "HEAD"
                ):
                    self.send_header(name, value)
            if self.command != "HEAD":
                self.send_header("Content-Length", str(len(exchange.answer)))
            self.end_headers()
            self.wfile.write(exchange.answer)

        def _body(self) -> bytes:
            if "chunked" not in self.headers.get("Transfer-Encoding", ""):
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))
            content = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                content += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return content

        do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _pass_on  # noqa: N815  # http.server's names

        def log_message(self, *_: object) -> None:
            """Say nothing: the exchanges are the log."""

    return Handler
