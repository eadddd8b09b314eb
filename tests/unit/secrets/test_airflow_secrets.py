"""The secrets of an environment."""

from __future__ import annotations

import base64
import string
from typing import Any

import pytest
from constructs.secrets.airflow_secrets import DESCRIPTIONS, AirflowSecrets, AirflowSecretsProps

from tests.unit.trial_stack import TrialStack

ONCE = dict.fromkeys(DESCRIPTIONS, 1)


def _add(stack: TrialStack, **changes: Any) -> AirflowSecrets:
    arguments: dict[str, Any] = {"revisions": ONCE} | changes
    return AirflowSecrets(stack, "secrets", AirflowSecretsProps(**arguments))


def _generators(stack: TrialStack) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = stack.synthesized().document["ephemeral"]["aws_secretsmanager_random_password"]
    return found


class TestWithDefaultConfiguration:
    def test_one_secret_per_purpose(self, stack: TrialStack) -> None:
        """Database, broker, api-server, tokens, admin and one Fernet key, all under one prefix and one key."""
        secrets = _add(stack)
        assert set(secrets.by_purpose) == {"database", "redis", "api", "jwt", "admin"}
        assert len(secrets.fernet_keys) == 1
        resources = stack.synthesized().resources("aws_secretsmanager_secret").values()
        assert {secret["name"] for secret in resources} == {
            f"airflow-dev/{name}" for name in ("database", "redis", "api", "jwt", "admin", "fernet-1")
        }
        assert {secret["kms_key_id"] for secret in resources} == {"${aws_kms_key.secrets.arn}"}
        assert {secret["recovery_window_in_days"] for secret in resources} == {7}

    def test_lengths(self, stack: TrialStack) -> None:
        """What signs has 64 characters, passwords and the Fernet key's raw material 32."""
        _add(stack)
        assert {name: block["password_length"] for name, block in _generators(stack).items()} == {
            "database": 32,
            "redis": 32,
            "api": 64,
            "jwt": 64,
            "admin": 32,
            "fernet_1": 32,
        }

    def test_all_are_of_letters_and_digits(self, stack: TrialStack) -> None:
        """No value needs escaping, in whatever it is put."""
        _add(stack)
        assert all(block["exclude_punctuation"] is True for block in _generators(stack).values())

    def test_only_fernet_keys_are_base64(self, stack: TrialStack) -> None:
        """A Fernet key is stored encoded; others as generated."""
        _add(stack)
        versions = stack.synthesized().resources("aws_secretsmanager_secret_version")
        encoded = [name for name, version in versions.items() if "base64encode" in version["secret_string_wo"]]
        assert encoded == ["fernet_1"]

    @pytest.mark.parametrize("character", [string.ascii_letters[0], "Z", "9", "0"])
    def test_base64_of_32_letters_and_digits_is_a_fernet_key(self, character: str) -> None:
        """It is 44 characters, URL-safe as Fernet wants it, and decodes to 32 bytes."""
        encoded = base64.b64encode(character.encode() * 32)
        assert len(encoded) == 44
        assert base64.urlsafe_b64decode(encoded) == character.encode() * 32
        assert not {b"+"[0], b"/"[0]} & set(encoded)

    def test_no_value_is_in_the_json(self, stack: TrialStack) -> None:
        """Every secret string is an expression over an ephemeral block, in a write-only argument."""
        _add(stack)
        for version in stack.synthesized().resources("aws_secretsmanager_secret_version").values():
            assert set(version) == {"secret_id", "secret_string_wo", "secret_string_wo_version"}
            assert "ephemeral.aws_secretsmanager_random_password." in version["secret_string_wo"]


class TestWithCustomConfiguration:
    def test_each_has_its_own_revision(self, stack: TrialStack) -> None:
        """Rotating one secret leaves the others alone."""
        _add(stack, revisions={"database": 1, "redis": 2, "api": 3, "jwt": 4, "admin": 5})
        versions = stack.synthesized().resources("aws_secretsmanager_secret_version")
        assert {name: version["secret_string_wo_version"] for name, version in versions.items()} == {
            "database": 1,
            "redis": 2,
            "api": 3,
            "jwt": 4,
            "admin": 5,
            "fernet_1": 1,
        }

    def test_two_fernet_keys(self, stack: TrialStack) -> None:
        """While keys are rotated both exist, newest first; the older one's secret doesn't change."""
        secrets = _add(stack, fernet_keys=[2, 1])
        assert {"fernet_1", "fernet_2"} <= stack.names_of("aws_secretsmanager_secret")
        outer = stack.resource("aws_secretsmanager_secret_version.fernet_1")
        alone = TrialStack()
        AirflowSecrets(alone, "secrets", AirflowSecretsProps(revisions=ONCE))
        assert alone.resource("aws_secretsmanager_secret_version.fernet_1") == outer
        assert len(secrets.fernet_keys) == 2

    def test_recovery_window(self, stack: TrialStack) -> None:
        """The window holds for all secrets."""
        _add(stack, recovery_window_days=0)
        secrets = stack.synthesized().resources("aws_secretsmanager_secret").values()
        assert {secret["recovery_window_in_days"] for secret in secrets} == {0}

    @pytest.mark.parametrize("missing", sorted(DESCRIPTIONS))
    def test_a_revision_is_missing(self, stack: TrialStack, missing: str) -> None:
        """A purpose without a revision is an error that names it."""
        revisions = {name: 1 for name in DESCRIPTIONS if name != missing}
        with pytest.raises(KeyError, match=missing):
            _add(stack, revisions=revisions)
