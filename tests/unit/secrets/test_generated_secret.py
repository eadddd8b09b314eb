"""Secrets that Terraform generates and never stores."""

from __future__ import annotations

from typing import Any

import pytest
from constructs.encryption.key import EncryptionKey, EncryptionKeyProps
from constructs.secrets.generated_secret import GeneratedSecret, GeneratedSecretProps

from tests.unit.trial_stack import TrialStack

SECRET = "aws_secretsmanager_secret.admin"
VERSION = "aws_secretsmanager_secret_version.admin"
GENERATED = "ephemeral.aws_secretsmanager_random_password.admin.random_password"


@pytest.fixture
def key(stack: TrialStack) -> EncryptionKey:
    """The key of the environment's secrets."""
    return EncryptionKey(stack, "key", EncryptionKeyProps(name="secrets", description="Secrets"))


def _add(stack: TrialStack, key: EncryptionKey, **changes: Any) -> GeneratedSecret:
    arguments: dict[str, Any] = {"name": "admin", "description": "Password", "key": key} | changes
    return GeneratedSecret(stack, "secret", GeneratedSecretProps(**arguments))


def _generator(stack: TrialStack) -> dict[str, Any]:
    block: dict[str, Any] = stack.synthesized().document["ephemeral"]["aws_secretsmanager_random_password"]["admin"]
    return block


class TestWithDefaultConfiguration:
    def test_secret_is_named_encrypted_and_restorable(self, stack: TrialStack, key: EncryptionKey) -> None:
        """Under the environment's prefix, with the environment's key, restorable for a week after deletion."""
        _add(stack, key)
        secret = stack.resource(SECRET)
        assert secret["name"] == "airflow-dev/admin"
        assert secret["kms_key_id"] == "${aws_kms_key.secrets.arn}"
        assert secret["recovery_window_in_days"] == 7
        assert secret["description"] == "Password"

    def test_value_is_32_letters_and_digits(self, stack: TrialStack, key: EncryptionKey) -> None:
        """A value that needs no escaping in a URL."""
        _add(stack, key)
        assert _generator(stack)["password_length"] == 32
        assert _generator(stack)["exclude_punctuation"] is True
        assert "include_space" not in _generator(stack)

    def test_value_passes_from_ephemeral_to_write_only(self, stack: TrialStack, key: EncryptionKey) -> None:
        """The value is in no argument that plan or state would keep."""
        _add(stack, key)
        assert stack.resource(VERSION) == {
            "secret_id": "${aws_secretsmanager_secret.admin.id}",
            "secret_string_wo": f"${{{GENERATED}}}",
            "secret_string_wo_version": 1,
        }

    def test_generator_waits_for_the_secret(self, stack: TrialStack, key: EncryptionKey) -> None:
        """It depends on the new secret without excluding any character, so that the first plan asks AWS nothing."""
        _add(stack, key)
        assert _generator(stack)["exclude_characters"] == "${substr(aws_secretsmanager_secret.admin.arn, 0, 0)}"

    def test_value_is_not_read_back_unless_asked(self, stack: TrialStack, key: EncryptionKey) -> None:
        """A secret that no resource of this stack needs is never read."""
        _add(stack, key)
        assert set(stack.synthesized().document["ephemeral"]) == {"aws_secretsmanager_random_password"}


class TestWithCustomConfiguration:
    def test_revision_is_the_versions(self, stack: TrialStack, key: EncryptionKey) -> None:
        """Raising the revision writes a new value."""
        _add(stack, key, revision=4)
        assert stack.resource(VERSION)["secret_string_wo_version"] == 4

    def test_length(self, stack: TrialStack, key: EncryptionKey) -> None:
        """A secret that signs may be longer."""
        _add(stack, key, length=64)
        assert _generator(stack)["password_length"] == 64

    def test_base64(self, stack: TrialStack, key: EncryptionKey) -> None:
        """A Fernet key is the Base64 of 32 characters, encoded by Terraform on the way."""
        _add(stack, key, base64=True)
        assert stack.resource(VERSION)["secret_string_wo"] == f"${{base64encode({GENERATED})}}"

    def test_deleted_at_once(self, stack: TrialStack, key: EncryptionKey) -> None:
        """Without a recovery window the name is free again right away."""
        _add(stack, key, recovery_window_days=0)
        assert stack.resource(SECRET)["recovery_window_in_days"] == 0

    def test_name_with_underscore(self, stack: TrialStack, key: EncryptionKey) -> None:
        """In Secrets Manager the name has hyphens."""
        _add(stack, key, name="fernet_1")
        assert stack.resource("aws_secretsmanager_secret.fernet_1")["name"] == "airflow-dev/fernet-1"


class TestStoredValue:
    def test_is_what_secrets_manager_holds(self, stack: TrialStack, key: EncryptionKey) -> None:
        """The value is read back after the version is written, and as that very version."""
        expression = _add(stack, key).stored_value()
        assert expression == "${ephemeral.aws_secretsmanager_secret_version.admin.secret_string}"
        assert stack.synthesized().document["ephemeral"]["aws_secretsmanager_secret_version"]["admin"] == {
            "secret_id": "${aws_secretsmanager_secret_version.admin.secret_id}",
            "version_id": "${aws_secretsmanager_secret_version.admin.version_id}",
        }
