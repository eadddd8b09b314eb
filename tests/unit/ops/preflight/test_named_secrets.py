"""Whether the secrets that the environment file names for pods are there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from constructs.settings.environment import Environment

from ops.preflight.check import Result
from ops.preflight.named_secrets import check_named_secrets
from tests.unit.settings.conftest import load, write

__all__ = ["load", "write"]

Load = Callable[[dict[str, str | None]], Environment]


class Secrets:
    """Secrets Manager that has some."""

    def __init__(self, **texts: str) -> None:
        self._texts = texts

    def client(self, service: str) -> Secrets:
        """Itself, for the one service that is asked."""
        assert service == "secretsmanager"
        return self

    def get_secret_value(self, SecretId: str) -> dict[str, Any]:  # noqa: N803  # as Secrets Manager calls it
        """The text, or what AWS says where there is none."""
        if SecretId not in self._texts:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "no"}}, "GetSecretValue")
        return {"SecretString": self._texts[SecretId]}


@pytest.fixture
def environment(load: Load) -> Environment:
    """A variable by a key, and a file by the whole text."""
    given = "components: [workers], secret"
    return load(
        {
            "airflow/environment": f"[{{name: TOKEN, {given}: tokens, key: sentry}}]",
            "airflow/files": f"[{{name: key, path: /opt/airflow/keys/key.json, {given}: google}}]",
        }
    )


def test_those_that_are_there(environment: Environment) -> None:
    """One line, without a value."""
    aws: Any = Secrets(tokens='{"sentry": "hidden"}', google="hidden")
    [check] = check_named_secrets(environment, aws)
    assert (check.result, check.detail) == (Result.OK, "tokens, google")


def test_one_that_is_missing(environment: Environment) -> None:
    """With the place in the file."""
    aws: Any = Secrets(tokens='{"sentry": "hidden"}')
    [check] = check_named_secrets(environment, aws)
    assert check.result is Result.PROBLEM
    assert check.detail == "there is no secret google with a value: airflow.files, key"


@pytest.mark.parametrize(
    ("text", "said"),
    [("hidden", "tokens holds no JSON with the key sentry"), ('{"other": "hidden"}', "tokens has no key sentry")],
)
def test_a_key_that_is_missing(environment: Environment, text: str, said: str) -> None:
    """Said before a deploy fails by it; the value stays unsaid."""
    aws: Any = Secrets(tokens=text, google="x")
    [check] = check_named_secrets(environment, aws)
    assert check.result is Result.PROBLEM
    assert check.detail == f"{said}: airflow.environment, TOKEN"
    assert "hidden" not in check.detail + check.fix


def test_nothing_is_said_where_none_is_named(load: Load) -> None:
    """And nobody is asked."""
    aws: Any = Secrets()
    assert list(check_named_secrets(load({}), aws)) == []
