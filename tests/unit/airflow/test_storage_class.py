"""The class of the cluster's volumes."""

from __future__ import annotations

from typing import Any

import pytest
from cdktf import TerraformOutput
from constructs.airflow.storage_class import StorageClass

from tests.unit.trial_stack import TrialStack


@pytest.fixture
def storage_class(stack: TrialStack) -> dict[str, Any]:
    """Arguments of the class."""
    StorageClass(stack, "storage-class")
    return stack.resource("kubernetes_storage_class_v1.gp3")


class TestStorageClass:
    def test_is_the_default(self, storage_class: dict[str, Any]) -> None:
        """A claim that names no class gets a volume of this one."""
        assert storage_class["metadata"]["name"] == "gp3"
        assert storage_class["metadata"]["annotations"] == {"storageclass.kubernetes.io/is-default-class": "true"}

    def test_volumes_are_encrypted_gp3(self, storage_class: dict[str, Any]) -> None:
        """The EBS driver makes encrypted gp3 volumes."""
        assert storage_class["storage_provisioner"] == "ebs.csi.aws.com"
        assert storage_class["parameters"]["type"] == "gp3"
        assert storage_class["parameters"]["encrypted"] == "true"

    def test_volumes_have_the_accounts_key_or_the_named_one(self, storage_class: dict[str, Any]) -> None:
        """Without a key of the user's EBS takes the account's default; with one each volume is encrypted by it."""
        assert "kmsKeyId" not in storage_class["parameters"]
        stack, key = TrialStack(), "arn:aws:kms:eu-west-1:111122223333:key/k"
        StorageClass(stack, "storage-class", key)
        assert stack.resource("kubernetes_storage_class_v1.gp3")["parameters"]["kmsKeyId"] == key

    def test_a_volume_is_made_where_its_pod_is(self, storage_class: dict[str, Any]) -> None:
        """Volumes live in one zone: that of the first pod that asks."""
        assert storage_class["volume_binding_mode"] == "WaitForFirstConsumer"

    def test_a_volume_grows_and_goes_with_its_claim(self, storage_class: dict[str, Any]) -> None:
        """Claims can be made larger; nothing is left behind when one is deleted."""
        assert storage_class["allow_volume_expansion"] is True
        assert storage_class["reclaim_policy"] == "Delete"

    def test_volumes_say_whose_they_are(self, storage_class: dict[str, Any]) -> None:
        """The driver tags them, so that one that is left behind is found by its environment and address."""
        tags = {key: text for key, text in storage_class["parameters"].items() if key.startswith("tagSpecification_")}
        assert set(tags.values()) == {
            "Project=airflow",
            "Environment=dev",
            "ManagedBy=cdktf",
            "Stack=infrastructure",
            "Address=kubernetes_storage_class_v1.gp3",
        }
        assert set(tags) == {f"tagSpecification_{n}" for n in range(1, 6)}

    def test_other_tags_leave_it_alone(self) -> None:
        """A change of the user's tags replaces no class, as any other parameter would."""
        stack = TrialStack(user_tags={"CostCenter": "4711"})
        StorageClass(stack, "storage-class")
        assert "4711" not in str(stack.resource("kubernetes_storage_class_v1.gp3"))

    def test_its_name_is_a_reference(self, stack: TrialStack) -> None:
        """What names the class is made after it."""
        TerraformOutput(stack, "name", static_id=True, value=StorageClass(stack, "storage-class").name)
        output = stack.synthesized().document["output"]["name"]
        assert output["value"] == "${kubernetes_storage_class_v1.gp3.metadata[0].name}"
