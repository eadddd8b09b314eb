"""GitHub's API for one repository, on this machine, as far as the workflows use it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

REPOSITORY = "acme/airflow"
TOKEN = "token-of-a-job"
PULL_REQUEST = 7

_PREFIX = f"/repos/{REPOSITORY}/"


@dataclass
class GitHubServer:
    """What it holds; tests put in what was there before."""

    comments: list[dict[str, Any]] = field(default_factory=list)
    """Of issues and pull requests alike; `issue` is the number."""

    issues: list[dict[str, Any]] = field(default_factory=list)
    refuse: Mapping[str, int] = field(default_factory=dict)
    """Method -> status of every answer to it."""

    branches: dict[str, str] = field(default_factory=lambda: {"main": "0123"})
    """Name -> commit."""

    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Path -> what was put there."""

    pulls: list[dict[str, Any]] = field(default_factory=list)
    runs: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Attempts of runs, by `<run>/attempts/<attempt>`."""

    calls: list[str] = field(default_factory=list)
    """`GET issues`, one for each request."""

    api: str = ""

    def environ(self, folder: Path) -> dict[str, str]:
        """Variables of a step of a workflow that runs for the pull request."""
        event = folder / "event.json"
        event.write_text(json.dumps({"pull_request": {"number": PULL_REQUEST}}), encoding="utf-8")
        return {
            "GITHUB_API_URL": self.api,
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_RUN_ID": "42",
            "GITHUB_SHA": "0123456789abcdef",
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
            "GITHUB_OUTPUT": str(folder / "output"),
        }

    def comment(self, body: str, *, by: str = "Bot") -> dict[str, Any]:
        """Put a comment on the pull request."""
        made = {"id": len(self.comments) + 1, "issue": PULL_REQUEST, "body": body, "user": {"type": by}}
        self.comments.append(made)
        return made

    def issue(self, body: str | None, *, by: str = "Bot", **more: Any) -> dict[str, Any]:
        """Put an open issue with the label `drift`."""
        number = len(self.issues) + 100
        made = {"number": number, "title": "", "body": body, "state": "open", "labels": ["drift"], "user": {"type": by}}
        self.issues.append(made | more)
        return self.issues[-1]

    def answer(self, method: str, path: str, query: Mapping[str, list[str]], content: Any) -> tuple[int, Any]:
        """Return status and body of an answer."""
        status = 201 if method == "POST" else 200
        body: Any
        match method, path.split("/"):
            case "GET", ["issues", number, "comments"]:
                body = _page([comment for comment in self.comments if comment["issue"] == int(number)], query)
            case "POST", ["issues", number, "comments"]:
                body = self.comment(content["body"])
                body["issue"] = int(number)
            case "PATCH", ["issues", "comments", number]:
                body = _changed(self.comments, "id", number, content)
            case "GET", ["issues"]:
                [label], [state] = query["labels"], query["state"]
                body = _page([i for i in self.issues if i["state"] == state and label in i["labels"]], query)
            case "POST", ["issues"]:
                body = self.issue(content["body"], title=content["title"], labels=content["labels"])
            case "PATCH", ["issues", number]:
                body = _changed(self.issues, "number", number, content)
            case "GET", ["actions", "runs", *attempt] if "/".join(attempt) in self.runs:
                body = self.runs["/".join(attempt)]
            case _:
                return self._pull_requests(method, path.split("/"), query, content)
        return status, body

    def _pull_requests(
        self, method: str, path: list[str], query: Mapping[str, list[str]], content: Any
    ) -> tuple[int, Any]:
        """Branches, files and pull requests."""
        body: Any = {}
        match method, path:
            case "GET", ["git", "ref", "heads", name] if name in self.branches:
                body = {"object": {"sha": self.branches[name]}}
            case "GET", ["git", "matching-refs", "heads", prefix]:
                body = [{"ref": f"refs/heads/{name}"} for name in self.branches if name.startswith(prefix)]
            case "POST", ["git", "refs"]:
                self.branches[content["ref"].removeprefix("refs/heads/")] = content["sha"]
                body = content
            case "PATCH", ["git", "refs", "heads", name]:
                self.branches[name] = content["sha"]
                body = content
            case "GET", ["contents", *_]:
                body = {"sha": "blob"}
            case "PUT", ["contents", *path_of_file]:
                self.files["/".join(path_of_file)] = content
                body = {}
            case "GET", ["pulls"]:
                body = _page([pull for pull in self.pulls if [pull["from"]] == query["head"]], query)
            case "POST", ["pulls"]:
                owner = REPOSITORY.partition("/")[0]
                self.pulls.append({"number": len(self.pulls) + 1, "from": f"{owner}:{content['head']}", **content})
                body = self.pulls[-1]
            case "PATCH", ["pulls", number]:
                body = _changed(self.pulls, "number", number, content)
            case _:
                return 404, {"message": "Not Found"}
        return (201 if method == "POST" else 200), body


def _page(items: list[dict[str, Any]], query: Mapping[str, list[str]]) -> list[dict[str, Any]]:
    size, page = int(query["per_page"][0]), int(query["page"][0])
    return items[size * (page - 1) : size * page]


def _changed(items: list[dict[str, Any]], key: str, value: str, content: dict[str, Any]) -> dict[str, Any]:
    found = next(item for item in items if item[key] == int(value))
    found.update(content)
    return found


def _handler(server: GitHubServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            url = urlsplit(self.path)
            content = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"null")
            path = url.path.removeprefix(_PREFIX)
            server.calls.append(f"{self.command} {path}")
            if self.headers["Authorization"] != f"Bearer {TOKEN}":
                status, body = 401, {"message": "Bad credentials"}
            elif self.command in server.refuse:
                status, body = server.refuse[self.command], {"message": "Resource not accessible by integration"}
            else:
                status, body = server.answer(self.command, path, parse_qs(url.query), content)
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = do_PUT = _answer  # noqa: N815  # http.server's names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def github_server() -> Iterator[GitHubServer]:
    """A server for the length of a block."""
    server = GitHubServer()
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(server)) as listening:
        thread = threading.Thread(target=listening.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        server.api = f"http://127.0.0.1:{listening.server_port}"
        try:
            yield server
        finally:
            listening.shutdown()
            thread.join()
