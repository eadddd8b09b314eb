"""The bucket for Terraform's state."""

from __future__ import annotations

from dataclasses import dataclass

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.kms_alias import KmsAlias
from cdktf_cdktf_provider_aws.kms_key import KmsKey
from cdktf_cdktf_provider_aws.s3_bucket_lifecycle_configuration import (
    S3BucketLifecycleConfiguration,
    S3BucketLifecycleConfigurationRule,
    S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload,
    S3BucketLifecycleConfigurationRuleFilter,
    S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration,
)
from cdktf_cdktf_provider_aws.s3_bucket_versioning import S3BucketVersioningA
from constructs.identity.policy import Statement, policy_document
from constructs.naming.component import Scope
from constructs.storage.closed_bucket import ClosedBucket

#: A state of a year ago is of no use for going back any more; locks, too, leave a version each.
OLD_VERSIONS_DAYS = 365


@dataclass(frozen=True, kw_only=True)
class StateBucketProps:
    """Inputs of `StateBucket`."""

    bucket: str
    kms_key_arn: str | None = None
    """Key that encrypts the objects; None: one is made for them."""


class StateBucket(ClosedBucket):
    """A versioned bucket that encrypts with KMS whatever Terraform asks for, is closed to the public and to plain HTTP.

    Terraform refuses to destroy it and its key, and the bucket's policy refuses a deletion by anybody: to delete it on
    purpose, remove that policy first.
    """

    resource_name = "state"

    def __init__(self, scope: Scope, id_: str, props: StateBucketProps) -> None:
        super().__init__(scope, id_)
        self.key_arn: str = props.kms_key_arn or self._key()
        self._make(props.bucket, lifecycle=TerraformResourceLifecycle(prevent_destroy=True))
        versioning = self._keep_versions()
        self._encrypt(self.key_arn)
        self._close(*self._refusals())
        self._forget(versioning)

    def _key(self) -> str:
        account = Statement(
            sid="AccountPolicies", actions=["kms:*"], resources=["*"], principals={"AWS": self.names.account_root}
        )
        key = self.add(
            KmsKey,
            "state",
            description="Terraform state",
            enable_key_rotation=True,
            deletion_window_in_days=30,
            policy=policy_document(account),
            lifecycle=TerraformResourceLifecycle(prevent_destroy=True),
        )
        self.add(KmsAlias, "state", name=f"alias/{self.names.of('state')}", target_key_id=key.key_id)
        return str(key.arn)

    def _refusals(self) -> list[Statement]:
        objects, algorithm = f"{self.arn}/*", "s3:x-amz-server-side-encryption"
        key = f"{algorithm}-aws-kms-key-id"
        return [
            # Who names no encryption gets the bucket's own (`Null`: to a negated test an absent key differs, too).
            Statement(
                sid="NoOtherEncryption",
                effect="Deny",
                actions=["s3:PutObject"],
                resources=[objects],
                principals={"AWS": "*"},
                conditions={"Null": {algorithm: "false"}, "StringNotEquals": {algorithm: "aws:kms"}},
            ),
            Statement(
                sid="NoOtherKey",
                effect="Deny",
                actions=["s3:PutObject"],
                resources=[objects],
                principals={"AWS": "*"},
                conditions={"Null": {key: "false"}, "StringNotEquals": {key: self.key_arn}},
            ),
            Statement(
                sid="NoDeletion",
                effect="Deny",
                actions=["s3:DeleteBucket", "s3:DeleteObjectVersion"],
                resources=[self.arn, objects],
                principals={"AWS": "*"},
            ),
        ]

    def _forget(self, versioning: S3BucketVersioningA) -> None:
        old = S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration(noncurrent_days=OLD_VERSIONS_DAYS)
        uploads = S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload(days_after_initiation=7)
        rule = S3BucketLifecycleConfigurationRule(
            id="old-versions",
            status="Enabled",
            filter=[S3BucketLifecycleConfigurationRuleFilter(prefix="")],
            noncurrent_version_expiration=[old],
            abort_incomplete_multipart_upload=[uploads],
        )
        self.add(S3BucketLifecycleConfiguration, "state", bucket=self.name, rule=[rule], depends_on=[versioning])
