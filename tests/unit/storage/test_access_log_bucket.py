"""The bucket for the load balancer's access logs."""

from __future__ import annotations

import pytest
from constructs.storage.access_log_bucket import AccessLogBucket, AccessLogBucketProps

from tests.unit.trial_stack import TrialStack


@pytest.fixture
def default(stack: TrialStack) -> TrialStack:
    """The bucket with default configuration."""
    AccessLogBucket(stack, "access-log-bucket", AccessLogBucketProps())
    return stack


class TestWithDefaultConfiguration:
    def test_name_is_that_of_no_log_bucket(self, default: TrialStack) -> None:
        """Not even that of an environment `dev-access`: its bucket of task logs ends in -access-logs-."""
        assert default.resource("aws_s3_bucket.access_logs")["bucket"] == "airflow-dev-accesslogs-111122223333"

    def test_load_balancing_alone_writes(self, default: TrialStack) -> None:
        """The one service, for this account's balancers, new objects only; plain HTTP is refused."""
        statements = default.statements("aws_s3_bucket_policy.access_logs")
        assert list(statements) == ["TlsOnly", "AccessLogs"]
        assert statements["AccessLogs"] == {
            "Sid": "AccessLogs",
            "Effect": "Allow",
            "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
            "Action": ["s3:PutObject"],
            "Resource": ["arn:aws:s3:::airflow-dev-accesslogs-111122223333/AWSLogs/111122223333/*"],
        }
        assert statements["TlsOnly"]["Effect"] == "Deny"

    def test_is_closed_to_the_public(self, default: TrialStack) -> None:
        """All four blocks are on, and access lists are off, as load balancers allow."""
        block = default.resource("aws_s3_bucket_public_access_block.access_logs")
        assert {value for key, value in block.items() if key != "bucket"} == {True}
        controls = default.resource("aws_s3_bucket_ownership_controls.access_logs")
        assert controls["rule"] == {"object_ownership": "BucketOwnerEnforced"}

    def test_is_encrypted_as_load_balancers_can(self, default: TrialStack) -> None:
        """By S3's own key, the only one that they write with."""
        (rule,) = default.resource("aws_s3_bucket_server_side_encryption_configuration.access_logs")["rule"]
        assert rule == {"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}

    def test_forgets(self, default: TrialStack) -> None:
        """Logs go after 90 days, and with them what an upload has left."""
        (rule,) = default.resource("aws_s3_bucket_lifecycle_configuration.access_logs")["rule"]
        assert rule["expiration"] == [{"days": 90}]
        assert rule["abort_incomplete_multipart_upload"] == [{"days_after_initiation": 7}]

    def test_logs_survive_a_destroy(self, default: TrialStack) -> None:
        """Destroying a bucket that holds logs fails."""
        assert default.resource("aws_s3_bucket.access_logs")["force_destroy"] is False


def test_with_custom_configuration(stack: TrialStack) -> None:
    """Other days, and emptied on destroy."""
    AccessLogBucket(stack, "b", AccessLogBucketProps(expiration_days=7, empty_on_destroy=True))
    (rule,) = stack.resource("aws_s3_bucket_lifecycle_configuration.access_logs")["rule"]
    assert rule["expiration"] == [{"days": 7}]
    assert stack.resource("aws_s3_bucket.access_logs")["force_destroy"] is True
