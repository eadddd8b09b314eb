"""Certificates of authorities in the environment file."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from constructs.settings.document.problems import Problem
from constructs.settings.environment import Environment

from tests.airflow.authority import Authority

Problems = Callable[[dict[str, str | None]], list[Problem]]
Load = Callable[[dict[str, str | None]], Environment]

BLOCK = "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n"


def test_pem_with_comments(load: Load) -> None:
    """As many as there are, lines of comment between them."""
    text = Authority.make("One").pem + "\n" + Authority.make("Two").pem
    assert load({"airflow/trusted_certificates": json.dumps(text)}).airflow.trusted_certificates == text


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("", "certificates of authorities as PEM"),
        ("/etc/ssl/ca.pem", "certificates of authorities as PEM"),
        (BLOCK.format("AAAA"), "certificates of authorities as PEM"),
        (BLOCK.format("MIIB") + "and more", "certificates of authorities as PEM"),
        ("-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n", "certificates alone"),
    ],
    ids=["empty", "path", "no-certificate", "words", "key"],
)
def test_mistakes(problems: Problems, text: str, allowed: str) -> None:
    """What no library could read, and what should never stand here."""
    (problem,) = problems({"airflow/trusted_certificates": json.dumps(text)})
    assert problem.key == "airflow.trusted_certificates"
    assert allowed in problem.allowed
    assert "PRIVATE" not in problem.received
