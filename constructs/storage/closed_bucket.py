"""What every bucket of an environment is: closed to the public and to plain HTTP."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
from cdktf_cdktf_provider_aws.s3_bucket_ownership_controls import (
    S3BucketOwnershipControls,
    S3BucketOwnershipControlsRule,
)
from cdktf_cdktf_provider_aws.s3_bucket_policy import S3BucketPolicy
from cdktf_cdktf_provider_aws.s3_bucket_public_access_block import S3BucketPublicAccessBlock
from constructs.identity.policy import Statement, policy_document
from constructs.naming.component import Component


class ClosedBucket(Component):
    """Base of the environment's buckets."""

    name: str
    arn: str

    def _make(
        self, name: str, bucket_name: str, *, empty_on_destroy: bool, statements: Sequence[Statement] = ()
    ) -> None:
        """Deploy the bucket and what closes it; `statements` are let through beside."""
        bucket = self.add(S3Bucket, name, bucket=bucket_name, force_destroy=empty_on_destroy)
        self.name, self.arn = bucket.id, bucket.arn
        block = self.add(
            S3BucketPublicAccessBlock,
            name,
            bucket=self.name,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
        )
        self.add(
            S3BucketOwnershipControls,
            name,
            bucket=self.name,
            rule=S3BucketOwnershipControlsRule(object_ownership="BucketOwnerEnforced"),
        )
        tls_only = Statement(
            sid="TlsOnly",
            effect="Deny",
            actions=["s3:*"],
            resources=[bucket.arn, f"{bucket.arn}/*"],
            principals={"AWS": "*"},
            conditions={"Bool": {"aws:SecureTransport": "false"}},
        )
        # One change of a bucket's access at a time: S3 answers a concurrent one with OperationAborted.
        self.add(
            S3BucketPolicy,
            name,
            bucket=self.name,
            policy=policy_document(tls_only, *statements),
            depends_on=[block],
        )
