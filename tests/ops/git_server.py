"""A repository of DAGs behind HTTPS and a token, on the loopback."""

from __future__ import annotations

import base64
import ssl
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.airflow.authority import Authority

TOKEN = "token-of-the-dags"  # made up
_WHO = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com")


@dataclass(frozen=True)
class GitServer:
    """Where it is and who is let in."""

    url: str
    token: str
    authority: Path
    """PEM file that the server is verified by."""

    @classmethod
    @contextmanager
    def running(cls, folder: Path, port: int = 0) -> Iterator[GitServer]:
        """A server of a repository with one commit on `main`; of the one that is there, if the folder has been served.

        At any free port, or at the given one.
        """
        if not folder.exists():
            folder.mkdir(parents=True)
            _make_repository(folder)
        authority = Authority.make("Authority of the tests")
        certificate, key = authority.issue("127.0.0.1")
        (folder / "server.pem").write_text(certificate + key, encoding="utf-8")
        (folder / "authority.pem").write_text(authority.pem, encoding="utf-8")
        server = ThreadingHTTPServer(("127.0.0.1", port), lambda *given: _Handler(*given, directory=str(folder)))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "server.pem")
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield cls(f"https://127.0.0.1:{server.server_port}/dags.git", TOKEN, folder / "authority.pem")
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def push(self, files: Mapping[str, str]) -> str:
        """Commit files to `main`, as somebody does elsewhere; return the commit."""
        return push(self.authority.parent, files)


class _Handler(SimpleHTTPRequestHandler):
    """Git's dumb protocol: files, for whoever has the token."""

    def do_GET(self) -> None:
        """The file, or 401."""
        expected = "Basic " + base64.b64encode(f"git:{TOKEN}".encode()).decode()
        if self.headers.get("Authorization") == expected:
            super().do_GET()
            return
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="DAGs"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing."""


def push(folder: Path, files: Mapping[str, str]) -> str:
    """Commit files to the repository of a server's folder; return the commit."""
    work = folder / "work"
    for name, content in files.items():
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).write_text(content, encoding="utf-8")
    _git("-C", work, "add", "--all")
    _git("-C", work, *_WHO, "commit", "--quiet", "--message=Next")
    _git("-C", work, "push", "--quiet", folder / "dags.git", "main")
    _git("-C", folder / "dags.git", "update-server-info")
    return _git("-C", work, "rev-parse", "HEAD")


def _make_repository(folder: Path) -> None:
    work, bare = folder / "work", folder / "dags.git"
    _git("init", "--quiet", "--initial-branch=main", work)
    _git("-C", work, *_WHO, "commit", "--quiet", "--allow-empty", "--message=First")
    _git("clone", "--quiet", "--bare", work, bare)
    _git("-C", bare, "update-server-info")


def _git(*arguments: str | Path) -> str:
    done = subprocess.run(("git", *map(str, arguments)), check=True, capture_output=True, text=True)
    return done.stdout.strip()
