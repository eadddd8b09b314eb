"""KMS keys."""

from __future__ import annotations

from constructs.encryption.key import EncryptionKey, EncryptionKeyProps
from constructs.identity.policy import Statement

from tests.unit.trial_stack import TrialStack


class TestEncryptionKey:
    def test_with_default_configuration(self, stack: TrialStack) -> None:
        """Rotated every year, and after a deletion restorable for 30 days."""
        EncryptionKey(stack, "key", EncryptionKeyProps(name="storage", description="Task logs"))
        key = stack.resource("aws_kms_key.storage")
        assert key["enable_key_rotation"] is True
        assert key["deletion_window_in_days"] == 30
        assert key["description"] == "Task logs"

    def test_alias_names_the_environment(self, stack: TrialStack) -> None:
        """People find the key in the console by `alias/airflow-dev-<name>`."""
        EncryptionKey(stack, "key", EncryptionKeyProps(name="storage", description="Task logs"))
        assert stack.resource("aws_kms_alias.storage") == {
            "name": "alias/airflow-dev-storage",
            "target_key_id": "${aws_kms_key.storage.key_id}",
        }

    def test_account_can_manage_the_key(self, stack: TrialStack) -> None:
        """The key's policy leaves its administration to the account's IAM policies: nobody is locked out."""
        EncryptionKey(stack, "key", EncryptionKeyProps(name="storage", description="Task logs"))
        account = stack.statements("aws_kms_key.storage")["AccountPolicies"]
        assert account["Principal"] == {"AWS": "arn:aws:iam::111122223333:root"}
        assert account["Action"] == ["kms:*"]

    def test_with_custom_configuration(self, stack: TrialStack) -> None:
        """Further statements stand beside the account's, and the window is as told."""
        reader = Statement(sid="Reader", actions=["kms:Decrypt"], resources=["*"], principals={"AWS": "arn"})
        props = EncryptionKeyProps(name="x", description="d", statements=[reader], deletion_window_in_days=7)
        EncryptionKey(stack, "key", props)
        assert set(stack.statements("aws_kms_key.x")) == {"AccountPolicies", "Reader"}
        assert stack.resource("aws_kms_key.x")["deletion_window_in_days"] == 7
