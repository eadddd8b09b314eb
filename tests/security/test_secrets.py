"""No secret in what is generated and planned. What is applied is looked through where it is: tests/terraform."""

from __future__ import annotations

import random
import string

import pytest
from constructs.checks.synthesized import SynthesizedStack

from tests.security.conftest import Planned
from tests.security.secret_scan import leaks, looks_secret


def generated() -> str:
    """A value as Secrets Manager makes it, always the same: one in 200 has no digit, and looks like a word."""
    return "".join(random.Random(20261130).choices(string.ascii_letters + string.digits, k=32))  # noqa: S311


class TestSynthesizedJson:
    def test_holds_nothing_that_looks_secret(self, stack: SynthesizedStack) -> None:
        """No key, no token, no URL with a password and no random text is in the JSON of either environment."""
        assert looks_secret(stack.text) == []

    def test_a_literal_would_be_found(self, stack: SynthesizedStack) -> None:
        """A password written where the reference to the stored one stands is seen, and as a known value too."""
        reference = "${ephemeral.aws_secretsmanager_secret_version.database.secret_string}"
        value = generated()
        planted = stack.text.replace(reference, value)
        assert planted != stack.text
        assert len(looks_secret(planted)) == 1
        assert leaks({"database": value}, {"JSON": planted}) == ["JSON holds database, as it is"]

    def test_values_come_from_ephemeral_blocks_alone(self, stack: SynthesizedStack) -> None:
        """Each secret's value and the database's password are write-only arguments fed by an ephemeral block."""
        versions = stack.resources("aws_secretsmanager_secret_version")
        assert len(versions) == 6
        database = stack.resources("aws_db_instance")["metadata"]
        written = [version["secret_string_wo"] for version in versions.values()] + [database["password_wo"]]
        assert [value for value in written if "ephemeral.aws_secretsmanager_" not in value] == []
        assert not any({"secret_string", "secret_binary"} & set(version) for version in versions.values())
        assert "password" not in database


@pytest.mark.slow
class TestPlan:
    def texts(self, planned: Planned) -> dict[str, str]:
        """Both forms in which a plan is read."""
        return {"JSON": planned.json_file.read_text(encoding="utf-8"), "text": planned.text}

    def test_holds_nothing_that_looks_secret(self, planned: Planned) -> None:
        """Neither what reviewers read nor what `terraform show -json` gives to other programs holds a secret."""
        for text in self.texts(planned).values():
            assert len(text) > 10_000
            assert looks_secret(text) == []

    @pytest.mark.parametrize("attribute", ["password_wo", "secret_string_wo"])
    def test_says_that_values_are_write_only(self, planned: Planned, attribute: str) -> None:
        """What reviewers read names the argument and not its value."""
        lines = [line for line in planned.text.splitlines() if f"+ {attribute} " in line]
        assert lines
        assert [line for line in lines if "(write-only attribute)" not in line] == []

    def test_a_value_would_be_found(self, planned: Planned) -> None:
        """Planted into a copy, a generated value is found by its looks, and by what it is."""
        value = generated()
        planted = planned.text.replace("(write-only attribute)", value, 1)
        assert len(looks_secret(planted)) == 1
        assert leaks({"admin": value}, {**self.texts(planned), "copy": planted}) == ["copy holds admin, as it is"]
