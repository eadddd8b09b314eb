"""What every bucket of an environment is: encrypted, closed to the public and to plain HTTP."""

from __future__ import annotations

from typing import ClassVar

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
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
from constructs.naming.component import Component


class ClosedBucket(Component):
    """Base of the environment's buckets; the resources of one are all called `resource_name`."""

    resource_name: ClassVar[str]
    name: str
    arn: str

    def _make(
        self, bucket_name: str, *, empty_on_destroy: bool = False, lifecycle: TerraformResourceLifecycle | None = None
    ) -> None:
        """Deploy the bucket itself; the methods below want it."""
        bucket = self.add(
            S3Bucket, self.resource_name, bucket=bucket_name, force_destroy=empty_on_destroy, lifecycle=lifecycle
        )
        self.name, self.arn = bucket.id, bucket.arn

    def _close(self, *statements: Statement) -> None:
        """Close it to the public, to others' objects and to plain HTTP; `statements` are in its policy, too."""
        block = self.add(
            S3BucketPublicAccessBlock,
            self.resource_name,
            bucket=self.name,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
        )
        self.add(
            S3BucketOwnershipControls,
            self.resource_name,
            bucket=self.name,
            rule=S3BucketOwnershipControlsRule(object_ownership="BucketOwnerEnforced"),
        )
        tls_only = Statement(
            sid="TlsOnly",
            effect="Deny",
            actions=["s3:*"],
            resources=[self.arn, f"{self.arn}/*"],
            principals={"AWS": "*"},
            conditions={"Bool": {"aws:SecureTransport": "false"}},
        )
        # One change of a bucket's access at a time: S3 answers a concurrent one with OperationAborted.
        self.add(
            S3BucketPolicy,
            self.resource_name,
            bucket=self.name,
            policy=policy_document(tls_only, *statements),
            depends_on=[block],
        )

    def _encrypt(self, key_arn: str | None = None) -> None:
        """Encrypt objects with the key, of which S3 asks for a data key per bucket, or with S3's own."""
        by_default = S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA(
            sse_algorithm="aws:kms" if key_arn else "AES256", kms_master_key_id=key_arn
        )
        rule = S3BucketServerSideEncryptionConfigurationRuleA(
            apply_server_side_encryption_by_default=by_default, bucket_key_enabled=True if key_arn else None
        )
        self.add(S3BucketServerSideEncryptionConfigurationA, self.resource_name, bucket=self.name, rule=[rule])

    def _keep_versions(self) -> S3BucketVersioningA:
        """Keep what is overwritten; a rule for noncurrent versions waits for it (provider documentation of both)."""
        return self.add(
            S3BucketVersioningA,
            self.resource_name,
            bucket=self.name,
            versioning_configuration=S3BucketVersioningVersioningConfiguration(status="Enabled"),
        )
