"""What is needed of Airflow's public API: which DAGs it has, of which version, and which files it can't import."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

from ops.console.errors import NoPermissionError, OperationError, UnreachableError
from ops.console.pages import Page
from ops.console.wording import one_line

PER_PAGE = 100
SECONDS = 30

_CREATED, _UNAUTHORIZED, _HTTP_ERROR = 201, 401, 400


@dataclass(frozen=True)
class AirflowApi:
    """The API below an address, used by somebody who has signed in."""

    url: str
    token: str = field(repr=False)

    @classmethod
    def signed_in(cls, url: str, username: str, password: str) -> AirflowApi:
        """Sign in by a password (FAB's `POST /auth/token`).

        Raises:
            OperationError: Airflow doesn't answer, or doesn't take the password.
        """
        status, answer = _request(url, "POST", "/auth/token", "", {"username": username, "password": password})
        if status == _UNAUTHORIZED:
            raise NoPermissionError(
                f"Airflow at {url} does not take the password of {username} that Secrets Manager holds.",
                fix="python -m ops rotate admin, then python -m ops deploy; with airflow.sign_in.local_admin: "
                "break_glass make the user first",
                page=Page.LOCAL_ADMIN,
            )
        if status != _CREATED or not isinstance(answer, dict) or "access_token" not in answer:
            raise OperationError(f"What answers at {url} is not Airflow's API: {status} {_words(answer)}")
        return cls(url, str(answer["access_token"]))

    def dags(self) -> Iterator[dict[str, Any]]:
        """Yield the DAGs that there are.

        Raises:
            OperationError: Airflow doesn't answer, or doesn't let us read.
        """
        return self._all("dags", "dags")

    def import_errors(self) -> Iterator[dict[str, Any]]:
        """Yield the files that can't be imported, with the traceback.

        Raises:
            OperationError: Airflow doesn't answer, or doesn't let us read.
        """
        return self._all("importErrors", "import_errors")

    def _all(self, path: str, key: str) -> Iterator[dict[str, Any]]:
        seen = 0
        while True:
            query = urlencode({"limit": PER_PAGE, "offset": seen})
            status, answer = _request(self.url, "GET", f"/api/v2/{path}?{query}", self.token)
            if status >= _HTTP_ERROR or not isinstance(answer, dict) or key not in answer:
                raise OperationError(f"Airflow at {self.url} refused GET {path}: {status} {_words(answer)}")
            yield from answer[key]
            # Airflow gives fewer than it is asked for, where `[api] maximum_page_limit` says so.
            seen += len(answer[key])
            if not answer[key] or seen >= int(answer.get("total_entries") or 0):
                return


def _request(url: str, method: str, path: str, token: str, content: dict[str, str] | None = None) -> tuple[int, Any]:
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    place = f"{url.rstrip('/')}{path}"
    # As boto3: by the proxy that the environment names.
    session = URLLib3Session(proxies=get_environ_proxies(place), timeout=SECONDS)
    data = json.dumps(content).encode() if content is not None else None
    try:
        answer = session.send(AWSRequest(method=method, url=place, data=data, headers=headers).prepare())
        status, body = answer.status_code, answer.content
    except BotoCoreError as error:
        raise UnreachableError(
            f"Airflow does not answer at {url}: {one_line(str(error))}",
            fix="python -m ops url says where it is, and who may reach it; airflow.web.allowed_cidrs lets addresses in",
        ) from error
    try:
        return status, json.loads(body or b"null")
    except ValueError:
        return status, body.decode("utf-8", "replace")


def _words(answer: Any) -> str:
    return one_line(str(answer["detail"] if isinstance(answer, dict) and "detail" in answer else answer))
