"""The bucket for Terraform's state."""

from __future__ import annotations

from dataclasses import dataclass

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.kms_alias import KmsAlias
from cdktf_cdktf_provider_aws.kms_key import KmsKey
from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
from cdktf_cdktf_provider_aws.s3_bucket_lifecycle_configuration import (
    S3BucketLifecycleConfiguration,
    S3BucketLifecycleConfigurationRule,
    S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload,
    S3BucketLifecycleConfigurationRuleFilter,
    S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration,
)
from cdktf_cdktf_provider_aws.s3_bucket_ownership_controls import (
    S3BucketOwnershipControls,
    S3BucketOwnershipControlsRule,
)
from cdktf_cdktf_provider_aws.s3_bucket_policy import S3BucketPolicy
from cdktf_cdktf_provider_aws.s3_bucket_public_access_block import S3BucketPublicAccessBlock
from cdktf_cdktf_provider_aws.s3_bucket_server_side_encryption_configuration import (
    S3BucketServerSideEncryptionConfigurationA,
    S3BucketServerSideEncryptionConfigurationRuleA,
    S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA,
)
from cdktf_cdktf_provider_aws.s3_bucket_versioning import S3BucketVersioningA, S3BucketVersioningVersioningConfiguration
from constructs.identity.policy import Statement, policy_document
from constructs.naming.component import Component, Scope

#: A state of a year ago is of no use for going back any more; locks, too, leave a version each.
OLD_VERSIONS_DAYS = 365


@dataclass(frozen=True, kw_only=True)
class StateBucketProps:
    """Inputs of `StateBucket`."""

    bucket: str
    kms_key_arn: str | None = None
    """Key that encrypts the objects; None: one is made for them."""


class StateBucket(Component):
    """A versioned bucket that encrypts with KMS whatever Terraform asks for, is closed to the public and to plain HTTP.

    Terraform refuses to destroy it and its key, and the bucket's policy refuses a deletion by anybody: to delete it on
    purpose, remove that policy first.
    """

    def __init__(self, scope: Scope, id_: str, props: StateBucketProps) -> None:
        super().__init__(scope, id_)
        self.key_arn: str = props.kms_key_arn or self._key()
        bucket = self.add(
            S3Bucket,
            "state",
            bucket=props.bucket,
            force_destroy=False,
            lifecycle=TerraformResourceLifecycle(prevent_destroy=True),
        )
        self._name, self.arn = bucket.id, bucket.arn
        versioning = self.add(
            S3BucketVersioningA,
            "state",
            bucket=self._name,
            versioning_configuration=S3BucketVersioningVersioningConfiguration(status="Enabled"),
        )
        self._encrypt()
        self._close()
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

    def _encrypt(self) -> None:
        by_default = S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA(
            sse_algorithm="aws:kms", kms_master_key_id=self.key_arn
        )
        rule = S3BucketServerSideEncryptionConfigurationRuleA(
            apply_server_side_encryption_by_default=by_default, bucket_key_enabled=True
        )
        self.add(S3BucketServerSideEncryptionConfigurationA, "state", bucket=self._name, rule=[rule])

    def _close(self) -> None:
        block = self.add(
            S3BucketPublicAccessBlock,
            "state",
            bucket=self._name,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
        )
        owner = S3BucketOwnershipControlsRule(object_ownership="BucketOwnerEnforced")
        self.add(S3BucketOwnershipControls, "state", bucket=self._name, rule=owner)
        # One change of a bucket's access at a time: S3 answers a concurrent one with OperationAborted.
        self.add(
            S3BucketPolicy, "state", bucket=self._name, policy=policy_document(*self._refusals()), depends_on=[block]
        )

    def _refusals(self) -> list[Statement]:
        objects, algorithm = f"{self.arn}/*", "s3:x-amz-server-side-encryption"
        key = f"{algorithm}-aws-kms-key-id"
        return [
            Statement(
                sid="TlsOnly",
                effect="Deny",
                actions=["s3:*"],
                resources=[self.arn, objects],
                principals={"AWS": "*"},
                conditions={"Bool": {"aws:SecureTransport": "false"}},
            ),
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
        self.add(S3BucketLifecycleConfiguration, "state", bucket=self._name, rule=[rule], depends_on=[versioning])
