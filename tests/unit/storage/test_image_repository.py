"""The repository for images of one's own."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cdktf import TerraformOutput
from constructs.encryption.key import EncryptionKey, EncryptionKeyProps
from constructs.storage.image_repository import ImageRepository, ImageRepositoryProps

from tests.unit.trial_stack import TrialStack


def made(stack: TrialStack, **props: Any) -> ImageRepository:
    """One in a stack with a key."""
    key = EncryptionKey(stack, "key", EncryptionKeyProps(name="storage", description="Task logs"))
    return ImageRepository(stack, "images", ImageRepositoryProps(key=key, **props))


def rules(stack: TrialStack) -> list[dict[str, Any]]:
    """What expires."""
    policy = json.loads(stack.resource("aws_ecr_lifecycle_policy.images")["policy"])
    found: list[dict[str, Any]] = policy["rules"]
    return found


@pytest.fixture
def default(stack: TrialStack) -> TrialStack:
    """The repository with default configuration."""
    made(stack)
    return stack


class TestWithDefaultConfiguration:
    def test_is_the_environments(self, default: TrialStack) -> None:
        """By its name; a tag is written once, and each image is scanned when it is pushed."""
        repository = default.resource("aws_ecr_repository.images")
        assert repository["name"] == "airflow-dev"
        assert repository["image_tag_mutability"] == "IMMUTABLE"
        assert repository["image_scanning_configuration"] == {"scan_on_push": True}

    def test_is_encrypted_with_a_key_of_the_environment(self, default: TrialStack) -> None:
        """By KMS."""
        [encryption] = default.resource("aws_ecr_repository.images")["encryption_configuration"]
        assert encryption == {"encryption_type": "KMS", "kms_key": "${aws_kms_key.storage.arn}"}

    def test_images_survive_a_destroy(self, default: TrialStack) -> None:
        """Destroying a repository that holds images fails."""
        assert default.resource("aws_ecr_repository.images")["force_delete"] is False

    def test_nobody_else_is_let_in(self, default: TrialStack) -> None:
        """There is no policy of a repository: who pulls has a role of the account."""
        assert default.synthesized().resources("aws_ecr_repository_policy") == {}

    def test_forgets_what_has_no_tag_and_nothing_else(self, default: TrialStack) -> None:
        """After two weeks; ECR does not know what runs, so that nothing with a tag goes by itself."""
        assert default.resource("aws_ecr_lifecycle_policy.images")["repository"] == "${aws_ecr_repository.images.name}"
        [rule] = rules(default)
        assert rule["selection"] == {
            "tagStatus": "untagged",
            "countType": "sinceImagePushed",
            "countUnit": "days",
            "countNumber": 14,
        }
        assert rule["action"] == {"type": "expire"}


def test_with_custom_configuration(stack: TrialStack) -> None:
    """Another number of days; what is pushed to is published."""
    repository = made(stack, untagged_expiration_days=3)
    assert rules(stack)[0]["selection"]["countNumber"] == 3
    TerraformOutput(stack, "url", value=repository.url, static_id=True)
    output = stack.synthesized().document["output"]["url"]
    assert output == {"value": "${aws_ecr_repository.images.repository_url}"}
