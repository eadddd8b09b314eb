"""The scan itself: it finds what is there in every form, and reports nothing where nothing is."""

from __future__ import annotations

import base64
import json
import random
import string
from collections.abc import Callable
from urllib.parse import quote

import pytest

from tests.security.secret_scan import leaks, looks_secret

ALPHABET = string.ascii_letters + string.digits
PASSWORD = "Zk3vQ9xTb7LmW2pRs8NdY4cHf6GjA1eU"
AWKWARD = 'pa/ss+wo"rd&1%'


def base64_text(value: str) -> str:
    """Base64."""
    return base64.b64encode(value.encode()).decode()


class TestLeaks:
    @pytest.mark.parametrize(
        "write",
        [str, base64_text, lambda value: quote(value, safe=""), lambda value: value.encode().hex(), json.dumps],
        ids=["as-it-is", "base64", "url", "hexadecimal", "json"],
    )
    @pytest.mark.parametrize("value", [PASSWORD, AWKWARD], ids=["generated", "awkward"])
    def test_are_found_in_every_form(self, write: Callable[[str], str], value: str) -> None:
        """However a value was written into a text, the report names it and the text."""
        text = f'{{"resources": [{{"attributes": {{"x": "{write(value)}"}}}}]}}'
        found = leaks({"database": value}, {"state": text, "plan": "{}"})
        assert found
        assert all(line.startswith("state holds database, ") for line in found)

    @pytest.mark.parametrize("prefix", ["", "u", "us", "user:"])
    def test_are_found_inside_encoded_texts(self, prefix: str) -> None:
        """Base64 of a longer text, a URL with the password for instance, is seen through at every offset."""
        text = base64_text(f"{prefix}{PASSWORD}@host")
        assert leaks({"database": PASSWORD}, {"state": text})

    def test_are_not_where_they_are_not(self) -> None:
        """Another value, and a part of the value, are no leak."""
        texts = {"state": PASSWORD[:-1], "plan": base64_text(PASSWORD.swapcase())}
        assert leaks({"database": PASSWORD}, texts) == []

    def test_report_never_holds_the_value(self) -> None:
        """A failing test prints no secret into a log of CI."""
        [line] = leaks({"database": PASSWORD}, {"state": PASSWORD})
        assert line == "state holds database, as it is"

    @pytest.mark.parametrize(
        ("values", "texts"),
        [({}, {"state": "x"}), ({"a": PASSWORD}, {}), ({"a": PASSWORD}, {"state": ""}), ({"a": "short"}, {"s": "x"})],
        ids=["no-value", "no-text", "empty-text", "short-value"],
    )
    def test_a_search_that_proves_nothing_is_refused(self, values: dict[str, str], texts: dict[str, str]) -> None:
        """Nothing to look for or to look in would always be clean: that is an error."""
        with pytest.raises(ValueError, match=r"nothing would be proven|Too short"):
            leaks(values, texts)


class TestLooksSecret:
    @pytest.mark.parametrize(
        ("text", "kind"),
        [
            ("-----BEGIN RSA PRIVATE KEY-----\nMIIE", "private key"),
            ("-----BEGIN PRIVATE KEY-----", "private key"),
            ('"access_key": "AKIA' + "IOSFODNN7EXAMPLE" + '"', "AWS access key"),
            ("postgresql://airflow:hunter22@host/db", "password in a URL"),
            ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N", "JSON web token"),
        ],
        ids=["rsa", "pkcs8", "access-key", "url", "jwt"],
    )
    def test_knows_shapes(self, text: str, kind: str) -> None:
        """Private keys, access keys, tokens and URLs with passwords are told by their shape."""
        assert any(line.startswith(kind) for line in looks_secret(f"before {text} after"))

    @pytest.mark.parametrize("length", [32, 44, 64])
    def test_knows_generated_values(self, length: int) -> None:
        """Of a thousand random values like ours at least 99 in 100 are seen."""
        chance = random.Random(f"seed {length}")  # noqa: S311 - made-up values
        values = ["".join(chance.choices(ALPHABET, k=length)) for _ in range(1000)]
        assert sum(bool(looks_secret(f'"password": "{value}"')) for value in values) >= 990

    @pytest.mark.parametrize(
        "text",
        [
            "arn:aws:iam::111122223333:role/airflow-dev-load-balancer-controller",
            "ephemeral.aws_secretsmanager_random_password.database.random_password",
            "AmazonEKSWorkerNodePolicy and AmazonEC2ContainerRegistryPullOnly",
            "elasticloadbalancing:ModifyLoadBalancerAttributes",
            "00000000-0000-0000-0000-000000000000",
            "AL2023_ARM_64_STANDARD",
            "aws secretsmanager get-secret-value --region eu-west-1 --secret-id airflow-dev/admin",
            "https://checkip.amazonaws.com:443/path",
        ],
    )
    def test_leaves_names_alone(self, text: str) -> None:
        """Names that people and AWS make up are no secrets."""
        assert looks_secret(text) == []
