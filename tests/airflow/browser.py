"""Somebody at a browser: keeps cookies as one does, and follows nothing by itself."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from tests.airflow.balancer import HOST, Answer, Client


@dataclass
class Browser:
    """One, with the cookies that it has got so far."""

    client: Client
    cookies: dict[str, str] = field(default_factory=dict)

    def open(self, address: str, *, form: str | None = None, **headers: str) -> Answer:
        """Go to a page of Airflow's, by its path or by its whole address."""
        parts = urlsplit(address)
        assert parts.netloc in {"", HOST}, address
        sent = {"Referer": f"https://{HOST}/", **headers}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        answer = self.client.send(path, sent, form=form)
        for name, cookie in answer.cookies.items():
            value = cookie.partition(";")[0].partition("=")[2].strip('"')
            if value and "Max-Age=0" not in cookie:
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        return answer

    def follow(self, answer: Answer) -> Answer:
        """Follow redirects within Airflow until a page comes; return that."""
        for _ in range(9):
            if not answer.header("Location"):
                return answer
            answer = self.open(answer.header("Location"))
        raise AssertionError(f"redirected for ever, last to {answer.header('Location')}")

    def log_in(self, path: str, username: str, password: str) -> Answer:
        """Fill in a form for name and password; return the page that comes."""
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.open(path).body)
        assert token, path
        form = urlencode({"csrf_token": token[1], "username": username, "password": password})
        return self.follow(self.open(path, form=form))
