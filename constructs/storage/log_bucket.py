"""The bucket for task logs."""

from __future__ import annotations

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.s3_bucket_lifecycle_configuration import (
    S3BucketLifecycleConfiguration,
    S3BucketLifecycleConfigurationRule,
    S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload,
    S3BucketLifecycleConfigurationRuleExpiration,
    S3BucketLifecycleConfigurationRuleFilter,
    S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration,
    S3BucketLifecycleConfigurationRuleTransition,
)
from cdktf_cdktf_provider_aws.s3_bucket_versioning import S3BucketVersioningA
from constructs.encryption.key import EncryptionKey, EncryptionKeyProps
from constructs.naming.component import Scope
from constructs.storage.closed_bucket import ClosedBucket

#: An upload that was broken off is of no use to anybody after a day; a week leaves time to look at it.
ABORT_UPLOADS_AFTER_DAYS = 7


@dataclass(frozen=True, kw_only=True)
class LogBucketProps:
    """Inputs of `LogBucket`."""

    log_expiration_days: int = 90
    log_infrequent_access_days: int | None = None
    """After so many days logs move to STANDARD_IA; None: they don't."""

    noncurrent_version_expiration_days: int = 30
    empty_log_bucket_on_destroy: bool = False
    """False: destroying a bucket that holds logs fails."""


class LogBucket(ClosedBucket):
    """A versioned bucket, encrypted with its own key, closed to the public and to plain HTTP, that forgets."""

    resource_name = "logs"

    def __init__(self, scope: Scope, id_: str, props: LogBucketProps) -> None:
        super().__init__(scope, id_)
        self.key = EncryptionKey(self, "key", EncryptionKeyProps(name="storage", description="Task logs"))
        self._make(self.names.log_bucket, empty_on_destroy=props.empty_log_bucket_on_destroy)
        self._close()
        self._encrypt(self.key.arn)
        self._forget(props, self._keep_versions())

    def _forget(self, props: LogBucketProps, versioning: S3BucketVersioningA) -> None:
        days = props.log_infrequent_access_days
        move = [S3BucketLifecycleConfigurationRuleTransition(days=days, storage_class="STANDARD_IA")] if days else None
        self.add(
            S3BucketLifecycleConfiguration,
            "logs",
            bucket=self.name,
            rule=[
                S3BucketLifecycleConfigurationRule(
                    id="expire",
                    status="Enabled",
                    filter=[S3BucketLifecycleConfigurationRuleFilter(prefix="")],
                    expiration=[S3BucketLifecycleConfigurationRuleExpiration(days=props.log_expiration_days)],
                    transition=move,
                    noncurrent_version_expiration=[
                        S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration(
                            noncurrent_days=props.noncurrent_version_expiration_days
                        )
                    ],
                    abort_incomplete_multipart_upload=[
                        S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload(
                            days_after_initiation=ABORT_UPLOADS_AFTER_DAYS
                        )
                    ],
                )
            ],
            depends_on=[versioning],
        )
