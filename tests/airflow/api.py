"""Airflow's public API, as a program uses it."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import Any

from constructs.airflow.jobs.commands import ADMIN_USERNAME


@dataclass(frozen=True)
class Api:
    """The API at a port of the loopback, used by somebody who has logged in."""

    port: int
    token: str = ""

    @classmethod
    def logged_in(cls, port: int, password: str, username: str = ADMIN_USERNAME) -> Api:
        """Log in."""
        status, answer = cls(port).send("/auth/token", username=username, password=password)
        assert status == 201, answer
        return cls(port, answer["access_token"])

    def send(self, path: str, **body: Any) -> tuple[int, Any]:
        """Send a GET, or a POST with a body; return the status and what is answered, as JSON or as text."""
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            method, content = ("POST", json.dumps(body)) if body else ("GET", None)
            connection.request(method, path, body=content, headers=headers)
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        try:
            return response.status, json.loads(text)
        except ValueError:
            return response.status, text
