"""An OpenID Connect provider on the loopback, of the company's kind: oidc-provider-mock, in Airflow's environment."""

from __future__ import annotations

import contextlib
import http.client
import json
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from constructs.settings.sections.airflow.identity_providers import DISCOVERY

from tests.airflow.authority import Authority
from tests.airflow.installation import PROGRAMS
from tests.airflow.servers import Server, free_port

#: Over TLS, as every real one; clients have to be registered.
_PROGRAM = """
import sys
from oidc_provider_mock import app
provider = app(require_client_registration=True, require_nonce=True)
provider.run("127.0.0.1", int(sys.argv[1]), ssl_context=tuple(sys.argv[2:]), use_reloader=False)
"""


@dataclass(frozen=True)
class IdentityProvider:
    """One that runs."""

    port: int
    authority: Authority
    roots: Path
    """What its certificate is verified by, as a file."""

    @property
    def url(self) -> str:
        """Its issuer."""
        return f"https://127.0.0.1:{self.port}"

    @property
    def discovery_url(self) -> str:
        """Where it says what it offers."""
        return f"{self.url}{DISCOVERY}"

    def register(self, callback: str) -> tuple[str, str]:
        """Make a client that people are sent back to; return its id and its secret."""
        answer = json.loads(self.send("POST", "/oauth2/clients", {"redirect_uris": [callback]})[1])
        return answer["client_id"], answer["client_secret"]

    def knows(self, subject: str, **claims: Any) -> None:
        """Say of somebody what is true from now on."""
        assert self.send("PUT", f"/users/{subject}", claims)[0] == 204

    def sign_in(self, address: str, subject: str) -> str:
        """Sign somebody in who was sent to an address of the provider; return where they are sent back to."""
        path = address.removeprefix(self.url)
        status, _, location = self._exchange("POST", path, f"sub={subject}", "application/x-www-form-urlencoded")
        assert status == 302, path
        return location

    def send(self, method: str, path: str, body: Any) -> tuple[int, str]:
        """Send JSON; return the status and the text of the answer."""
        return self._exchange(method, path, json.dumps(body), "application/json")[:2]

    def _exchange(self, method: str, path: str, body: str, kind: str) -> tuple[int, str, str]:
        trust = ssl.create_default_context(cadata=self.authority.pem)
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=60, context=trust)
        try:
            connection.request(method, path, body=body, headers={"Content-Type": kind})
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), answer.getheader("Location", "")
        finally:
            connection.close()


@contextlib.contextmanager
def running(folder: Path) -> Iterator[IdentityProvider]:
    """Serve at a free port."""
    authority, port = Authority.make("Authority of the identity provider"), free_port()
    certificate, key = authority.issue("127.0.0.1")
    (folder / "provider.pem").write_text(certificate)
    (folder / "provider.key").write_text(key)
    (folder / "provider-roots.pem").write_text(authority.pem)
    command = (PROGRAMS / "python", "-c", _PROGRAM, str(port), folder / "provider.pem", folder / "provider.key")
    with Server(command, folder / "provider.log", address=("127.0.0.1", port)):
        yield IdentityProvider(port, authority, folder / "provider-roots.pem")
