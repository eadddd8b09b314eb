"""What is needed of Airflow's public API: which DAGs it has, of which version, and which files it can't import."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import urllib3

from ops.console.errors import NoPermissionError, OperationError, UnreachableError
from ops.console.wording import one_line

PER_PAGE = 100
#: Pages that are read at most: 10,000 DAGs.
PAGES = 100

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
                fix="python -m ops deploy writes it anew; with airflow.sign_in.local_admin other than keep there is no "
                "such user",
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
        for page in range(PAGES):
            query = urlencode({"limit": PER_PAGE, "offset": page * PER_PAGE})
            status, answer = _request(self.url, "GET", f"/api/v2/{path}?{query}", self.token)
            if status >= _HTTP_ERROR or not isinstance(answer, dict) or key not in answer:
                raise OperationError(f"Airflow at {self.url} refused GET {path}: {status} {_words(answer)}")
            yield from answer[key]
            if len(answer[key]) < PER_PAGE:
                return


def _request(url: str, method: str, path: str, token: str, content: dict[str, str] | None = None) -> tuple[int, Any]:
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    try:
        answer = urllib3.request(
            method,
            f"{url.rstrip('/')}{path}",
            body=json.dumps(content) if content is not None else None,
            headers=headers,
            timeout=30.0,
            retries=False,
        )
    except urllib3.exceptions.HTTPError as error:
        raise UnreachableError(
            f"Airflow does not answer at {url}: {one_line(str(error))}",
            fix="python -m ops url says where it is, and who may reach it; airflow.web.allowed_cidrs lets addresses in",
        ) from error
    try:
        return answer.status, json.loads(answer.data or b"null")
    except ValueError:
        return answer.status, answer.data.decode("utf-8", "replace")


def _words(answer: Any) -> str:
    return one_line(str(answer["detail"] if isinstance(answer, dict) and "detail" in answer else answer))
