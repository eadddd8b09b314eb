"""The repository in ECR for images of one's own."""

from __future__ import annotations

import json
from dataclasses import dataclass

from cdktf_cdktf_provider_aws.ecr_lifecycle_policy import EcrLifecyclePolicy
from cdktf_cdktf_provider_aws.ecr_repository import (
    EcrRepository,
    EcrRepositoryEncryptionConfiguration,
    EcrRepositoryImageScanningConfiguration,
)
from constructs.encryption.key import EncryptionKey
from constructs.naming.component import Component, Scope


@dataclass(frozen=True, kw_only=True)
class ImageRepositoryProps:
    """Inputs of `ImageRepository`."""

    key: EncryptionKey
    untagged_expiration_days: int = 14
    """After so many days what has no tag goes: what a push has left that was broken off."""


class ImageRepository(Component):
    """A repository whose tags are written once, encrypted with a key of the environment's, scanned at each push.

    Without a policy of its own: it is the account's, whose nodes pull by their role. A part of an image of several
    platforms has no tag and stays as long as the image does (ECR user guide, "Automate the cleanup of images by using
    lifecycle policies"). What has a tag never goes by itself, as ECR does not know what runs. Destroying a repository
    that holds images fails.
    """

    def __init__(self, scope: Scope, id_: str, props: ImageRepositoryProps) -> None:
        super().__init__(scope, id_)
        repository = self.add(
            EcrRepository,
            "images",
            name=self.names.image_repository,
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration=EcrRepositoryImageScanningConfiguration(scan_on_push=True),
            encryption_configuration=[
                EcrRepositoryEncryptionConfiguration(encryption_type="KMS", kms_key=props.key.arn)
            ],
            force_delete=False,
        )
        self.add(EcrLifecyclePolicy, "images", repository=repository.name, policy=json.dumps({"rules": _expiry(props)}))
        self.url: str = repository.repository_url


def _expiry(props: ImageRepositoryProps) -> list[dict[str, object]]:
    untagged = {"countType": "sinceImagePushed", "countUnit": "days", "countNumber": props.untagged_expiration_days}
    return [
        {
            "rulePriority": 1,
            "description": "what has no tag",
            "selection": {"tagStatus": "untagged", **untagged},
            "action": {"type": "expire"},
        },
    ]
