"""The bucket for the access logs of the web UI's load balancer."""

from __future__ import annotations

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.s3_bucket_lifecycle_configuration import (
    S3BucketLifecycleConfiguration,
    S3BucketLifecycleConfigurationRule,
    S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload,
    S3BucketLifecycleConfigurationRuleExpiration,
    S3BucketLifecycleConfigurationRuleFilter,
)
from constructs.identity.policy import Statement
from constructs.naming.component import Scope
from constructs.storage.closed_bucket import ClosedBucket
from constructs.storage.log_bucket import ABORT_UPLOADS_AFTER_DAYS

#: Who writes them, in every region (ELB user guide, "Enable access logs for your Application Load Balancer").
DELIVERY = "logdelivery.elasticloadbalancing.amazonaws.com"


@dataclass(frozen=True, kw_only=True)
class AccessLogBucketProps:
    """Inputs of `AccessLogBucket`."""

    expiration_days: int = 90
    empty_on_destroy: bool = False
    """False: destroying a bucket that holds logs fails."""


class AccessLogBucket(ClosedBucket):
    """A bucket into which Elastic Load Balancing writes for this account's balancers, and that forgets.

    Encrypted by S3's own key: load balancers write with no other one (same page). Without versions: each object is
    written once, and by nobody else.
    """

    resource_name = "access_logs"

    def __init__(self, scope: Scope, id_: str, props: AccessLogBucketProps) -> None:
        super().__init__(scope, id_)
        bucket_name = self.names.access_log_bucket
        arn = f"arn:{self.names.partition}:s3:::{bucket_name}"
        delivery = Statement(
            sid="AccessLogs",
            actions=["s3:PutObject"],
            resources=[f"{arn}/AWSLogs/{self.names.account_id}/*"],
            principals={"Service": DELIVERY},
        )
        self._make(bucket_name, empty_on_destroy=props.empty_on_destroy)
        self._close(delivery)
        self._encrypt()
        self.add(
            S3BucketLifecycleConfiguration,
            "access_logs",
            bucket=self.name,
            rule=[
                S3BucketLifecycleConfigurationRule(
                    id="expire",
                    status="Enabled",
                    filter=[S3BucketLifecycleConfigurationRuleFilter(prefix="")],
                    expiration=[S3BucketLifecycleConfigurationRuleExpiration(days=props.expiration_days)],
                    abort_incomplete_multipart_upload=[
                        S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload(
                            days_after_initiation=ABORT_UPLOADS_AFTER_DAYS
                        )
                    ],
                )
            ],
        )
