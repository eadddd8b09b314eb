"""An Airflow of which nothing is there but what it says of its health."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

#: As Airflow 3 answers; the times are left out.
HEALTH = {
    "metadatabase": {"status": "healthy"},
    "scheduler": {"status": "healthy"},
    "triggerer": {"status": "healthy"},
    "dag_processor": {"status": "unhealthy"},
}
PATH = "/api/v2/monitor/health"
#: Of the api-server's container.
PORT = 8080


def own_address() -> str:
    """An address of this machine that is not a loopback one, which the Kubernetes API refuses to be a pod's."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as unsent:
        unsent.connect(("192.0.2.1", 9))  # sends nothing
        return str(unsent.getsockname()[0])


@contextmanager
def airflow_health(address: str) -> Iterator[list[str]]:
    """Answers at the port of the api-server's pods; the paths that were asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # http.server's name
            asked.append(self.path)
            body = json.dumps(HEALTH if self.path == PATH else {}).encode()
            self.send_response(200 if self.path == PATH else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer((address, PORT), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield asked
        finally:
            server.shutdown()
