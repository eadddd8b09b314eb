"""What is needed of GitHub's API: comments, issues by label, whether a run has ended, a pull request of one file."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import urllib3

from ops.console.errors import OperationError
from ops.console.exit_codes import ExitCode
from ops.console.wording import one_line

PER_PAGE = 100
#: Pages that are read at most: 10,000 comments.
PAGES = 100

_HTTP_ERROR = 400


@dataclass(frozen=True)
class GitHub:
    """A repository, by the token of a workflow's job."""

    api: str
    repository: str
    token: str

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> GitHub:
        """Return the repository of the workflow that runs.

        Raises:
            OperationError: this is no workflow, or its step has no token.
        """
        missing = [name for name in ("GITHUB_REPOSITORY", "GITHUB_TOKEN") if not environ.get(name)]
        if missing:
            raise OperationError(
                f"{' and '.join(missing)} not set: there is no repository to write to.",
                fix="run it in a workflow, with GITHUB_TOKEN in the step's env",
                exit_code=ExitCode.MISTAKE,
            )
        api = environ.get("GITHUB_API_URL") or "https://api.github.com"
        return cls(api, environ["GITHUB_REPOSITORY"], environ["GITHUB_TOKEN"])

    def comments(self, number: int) -> Iterator[dict[str, Any]]:
        """The comments of a pull request, the oldest first."""
        return self._all(f"issues/{number}/comments")

    def put_comment(self, number: int, marker: str, body: str, *, only_update: bool = False) -> str:
        """Write the comment whose first line is `marker`, a new one where there is none; return what was done.

        With `only_update` none is made. Comments of people are never touched, whatever they begin with.
        """
        for comment in self.comments(number):
            if comment["user"]["type"] == "Bot" and comment["body"].startswith(marker):
                self._request("PATCH", f"issues/comments/{comment['id']}", {"body": body})
                return "updated"
        if only_update:
            return "not needed"
        self._request("POST", f"issues/{number}/comments", {"body": body})
        return "made"

    def open_issues(self, label: str) -> Iterator[dict[str, Any]]:
        """The open issues with a label that a workflow has opened."""
        issues = self._all("issues", state="open", labels=label)
        return (issue for issue in issues if "pull_request" not in issue and issue["user"]["type"] == "Bot")

    def open_issue(self, title: str, body: str, label: str) -> int:
        """Open an issue; return its number."""
        answer = self._request("POST", "issues", {"title": title, "body": body, "labels": [label]})
        return int(answer["number"])

    def update_issue(self, number: int, title: str, body: str) -> None:
        """Write an issue's title and text anew."""
        self._request("PATCH", f"issues/{number}", {"title": title, "body": body})

    def close_issue(self, number: int, comment: str) -> None:
        """Say why, and close an issue."""
        self._request("POST", f"issues/{number}/comments", {"body": comment})
        self._request("PATCH", f"issues/{number}", {"state": "closed", "state_reason": "completed"})

    def put_file(self, path: str, text: str, message: str, *, branch: str, base: str) -> None:
        """Write a file in one commit on a branch that begins at `base`, anew where there is one of that name."""
        head = self._request("GET", f"git/ref/heads/{base}")["object"]["sha"]
        if any(
            ref["ref"] == f"refs/heads/{branch}" for ref in self._request("GET", f"git/matching-refs/heads/{branch}")
        ):
            self._request("PATCH", f"git/refs/heads/{branch}", {"sha": head, "force": True})
        else:
            self._request("POST", "git/refs", {"ref": f"refs/heads/{branch}", "sha": head})
        now = self._request("GET", f"contents/{path}?{urlencode({'ref': branch})}")["sha"]
        content = b64encode(text.encode()).decode()
        self._request("PUT", f"contents/{path}", {"message": message, "content": content, "sha": now, "branch": branch})

    def put_pull_request(self, title: str, body: str, *, branch: str, base: str) -> int:
        """Open a pull request, or write the text of the open one of the branch anew; return its number."""
        owner = self.repository.partition("/")[0]
        for known in self._all("pulls", head=f"{owner}:{branch}", base=base, state="open"):
            self._request("PATCH", f"pulls/{known['number']}", {"title": title, "body": body})
            return int(known["number"])
        made = self._request("POST", "pulls", {"title": title, "body": body, "head": branch, "base": base})
        return int(made["number"])

    def run_status(self, run: str, attempt: str = "") -> tuple[str, str]:
        """Status and conclusion of an attempt of a workflow's run, the newest one by default; `completed` has ended.

        Raises:
            OperationError: GitHub can't be asked, or says something else.
        """
        answer = self._request("GET", f"actions/runs/{run}" + (f"/attempts/{attempt}" if attempt else ""))
        if not isinstance(answer, dict) or not isinstance(answer.get("status"), str):
            raise OperationError(f"GitHub's answer about the run {run} has no status.")
        return answer["status"], str(answer.get("conclusion") or "")

    def _all(self, path: str, **query: str) -> Iterator[dict[str, Any]]:
        for page in range(1, PAGES + 1):
            answer = self._request("GET", f"{path}?{urlencode({**query, 'per_page': PER_PAGE, 'page': page})}")
            yield from answer
            if len(answer) < PER_PAGE:
                return

    def _request(self, method: str, path: str, content: Mapping[str, Any] | None = None) -> Any:
        url = f"{self.api}/repos/{self.repository}/{path}"
        try:
            answer = urllib3.request(
                method,
                url,
                body=json.dumps(content) if content is not None else None,
                headers={
                    "Authorization": f"Bearer {self.token}",
                    "Accept": "application/vnd.github+json",
                    "X-GitHub-Api-Version": "2022-11-28",
                    "User-Agent": "airflow-on-eks",
                },
                timeout=30.0,
                # Reading may be repeated; writing may not: it could have been done.
                retries=urllib3.Retry(
                    3,
                    allowed_methods=("GET",),
                    backoff_factor=1,
                    status_forcelist=(502, 503, 504),
                    raise_on_status=False,
                ),
            )
        except urllib3.exceptions.HTTPError as error:
            raise OperationError(f"GitHub doesn't answer at {self.api}: {error}") from error
        if answer.status >= _HTTP_ERROR:
            raise OperationError(
                f"GitHub refused {method} {path.partition('?')[0]}: {answer.status} {_message(answer.data)}",
                fix="look at `permissions` of the workflow's job, and whether issues are switched on",
            )
        try:
            return json.loads(answer.data or b"null")
        except ValueError as garbled:
            raise OperationError(
                f"What answers at {self.api} is not GitHub's API: {_message(answer.data)}"
            ) from garbled


def _message(body: bytes) -> str:
    try:
        return str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        return one_line(body.decode("utf-8", "replace"))


def pull_request_number(environ: Mapping[str, str]) -> int:
    """Return the number of the pull request that the workflow runs for.

    Raises:
        OperationError: it runs for something else.
    """
    try:
        event = json.loads(Path(environ["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8"))
        return int(event["pull_request"]["number"])
    except (KeyError, OSError, ValueError, TypeError) as error:
        raise OperationError(
            "This is no workflow run of a pull request: there is nothing to comment on.",
            fix="leave --post out, and the comment is printed",
            exit_code=ExitCode.MISTAKE,
        ) from error
