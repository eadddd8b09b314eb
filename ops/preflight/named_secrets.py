"""The secrets that the environment file names for pods: whether they are there, with the keys that it reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from constructs.settings.environment import Environment

from ops.clients.aws import Aws, readable
from ops.console.errors import NotFoundError
from ops.preflight.check import Check, ok, problem

SUBJECT = "secrets that the file names"


@dataclass(frozen=True)
class _Named:
    """Where the file names a secret, and what of it is read."""

    place: str
    secret: str
    key: str | None = None


def check_named_secrets(environment: Environment, aws: Aws) -> Iterator[Check]:
    """What of them is missing; nothing where none is named. No value is shown.

    Raises:
        OperationError: one can't be read.
    """
    named, texts = list(_named(environment)), dict[str, str | None]()
    mistakes = []
    for each in named:
        if each.secret not in texts:
            texts[each.secret] = _text(each.secret, aws)
        if (found := _mistake(each, texts[each.secret])) is not None:
            mistakes.append(found)
    yield from mistakes
    if named and not mistakes:
        yield ok(SUBJECT, ", ".join(texts))


def _named(environment: Environment) -> Iterator[_Named]:
    airflow = environment.airflow
    if airflow.sign_in:
        yield _Named("airflow.sign_in.client_secret_name", airflow.sign_in.client_secret_name)
    for section, given in (("environment", airflow.environment), ("files", airflow.files)):
        for each in given:
            if each.secret:
                yield _Named(f"airflow.{section}, {each.name}", each.secret, each.key)


def _text(secret: str, aws: Aws) -> str | None:
    """Return the secret's text; None if there is none."""
    try:
        with readable(f"read the secret {secret}"):
            return str(aws.client("secretsmanager").get_secret_value(SecretId=secret).get("SecretString", ""))
    except NotFoundError:
        return None


def _mistake(named: _Named, text: str | None) -> Check | None:
    """What is wrong with a secret as the file reads it."""
    if text is None:
        fix = "make it in Secrets Manager, in this account and region, or correct the name"
        return problem(SUBJECT, f"there is no secret {named.secret} with a value: {named.place}", fix)
    if named.key is None:
        return None
    try:
        keys = json.loads(text)
    except ValueError:
        keys = None
    if not isinstance(keys, dict):
        fix = "leave key out, or store JSON in the secret"
        return problem(SUBJECT, f"{named.secret} holds no JSON with the key {named.key}: {named.place}", fix)
    if named.key not in keys:
        fix = "correct key, or add it to the secret's JSON"
        return problem(SUBJECT, f"{named.secret} has no key {named.key}: {named.place}", fix)
    return None
