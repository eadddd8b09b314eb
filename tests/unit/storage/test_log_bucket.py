"""The bucket for task logs."""

from __future__ import annotations

import pytest
from constructs.storage.log_bucket import LogBucket, LogBucketProps

from tests.unit.trial_stack import TrialStack


@pytest.fixture
def default(stack: TrialStack) -> TrialStack:
    """The bucket with default configuration."""
    LogBucket(stack, "log-bucket", LogBucketProps())
    return stack


class TestWithDefaultConfiguration:
    def test_name_is_unique_in_the_world(self, default: TrialStack) -> None:
        """Bucket names are global: the account's number is part of it."""
        assert default.resource("aws_s3_bucket.logs")["bucket"] == "airflow-dev-logs-111122223333"

    def test_logs_survive_a_destroy(self, default: TrialStack) -> None:
        """Destroying a bucket that holds logs fails."""
        assert default.resource("aws_s3_bucket.logs")["force_destroy"] is False

    def test_answers_over_tls_only(self, default: TrialStack) -> None:
        """Whoever asks, for bucket or object, is refused over plain HTTP; nothing is granted to anybody."""
        statements = default.statements("aws_s3_bucket_policy.logs")
        assert list(statements) == ["TlsOnly"]
        statement = statements["TlsOnly"]
        assert statement["Effect"] == "Deny"
        assert statement["Principal"] == {"AWS": "*"}
        assert statement["Action"] == ["s3:*"]
        assert statement["Resource"] == ["${aws_s3_bucket.logs.arn}", "${aws_s3_bucket.logs.arn}/*"]
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}

    def test_is_closed_to_the_public(self, default: TrialStack) -> None:
        """All four blocks are on, and access lists are off."""
        block = default.resource("aws_s3_bucket_public_access_block.logs")
        block.pop("bucket")
        assert block == {
            "block_public_acls": True,
            "block_public_policy": True,
            "ignore_public_acls": True,
            "restrict_public_buckets": True,
        }
        controls = default.resource("aws_s3_bucket_ownership_controls.logs")
        assert controls["rule"] == {"object_ownership": "BucketOwnerEnforced"}

    def test_policy_follows_the_block(self, default: TrialStack) -> None:
        """S3 answers concurrent changes of a bucket's access with an error."""
        assert default.resource("aws_s3_bucket_policy.logs")["depends_on"] == ["aws_s3_bucket_public_access_block.logs"]

    def test_is_encrypted_with_its_own_key(self, default: TrialStack) -> None:
        """KMS with a key that serves nothing else, and a bucket key, which saves most of KMS's price."""
        (rule,) = default.resource("aws_s3_bucket_server_side_encryption_configuration.logs")["rule"]
        assert rule == {
            "apply_server_side_encryption_by_default": {
                "sse_algorithm": "aws:kms",
                "kms_master_key_id": "${aws_kms_key.storage.arn}",
            },
            "bucket_key_enabled": True,
        }

    def test_keeps_versions(self, default: TrialStack) -> None:
        """What is overwritten or deleted stays for a while."""
        versioning = default.resource("aws_s3_bucket_versioning.logs")
        assert versioning["versioning_configuration"] == {"status": "Enabled"}

    def test_forgets_with_time(self, default: TrialStack) -> None:
        """Logs go after 90 days, old versions 30 days later, broken uploads after a week."""
        configuration = default.resource("aws_s3_bucket_lifecycle_configuration.logs")
        (rule,) = configuration["rule"]
        assert rule == {
            "id": "expire",
            "status": "Enabled",
            "filter": [{"prefix": ""}],
            "expiration": [{"days": 90}],
            "noncurrent_version_expiration": [{"noncurrent_days": 30}],
            "abort_incomplete_multipart_upload": [{"days_after_initiation": 7}],
        }
        assert configuration["depends_on"] == ["aws_s3_bucket_versioning.logs"]

    def test_every_part_is_of_this_bucket(self, default: TrialStack) -> None:
        """All settings refer to the one bucket."""
        resources = default.synthesized().document["resource"]
        parts = [named["logs"] for kind, named in resources.items() if kind.startswith("aws_s3_bucket_")]
        assert len(parts) == 6
        assert {part["bucket"] for part in parts} == {"${aws_s3_bucket.logs.id}"}


class TestWithCustomConfiguration:
    def test_retention(self, stack: TrialStack) -> None:
        """Logs and old versions stay as long as told."""
        LogBucket(stack, "b", LogBucketProps(log_expiration_days=365, noncurrent_version_expiration_days=1))
        (rule,) = stack.resource("aws_s3_bucket_lifecycle_configuration.logs")["rule"]
        assert rule["expiration"] == [{"days": 365}]
        assert rule["noncurrent_version_expiration"] == [{"noncurrent_days": 1}]

    def test_moves_to_the_cheaper_class(self, stack: TrialStack) -> None:
        """Logs that are rarely read cost less after the number of days told."""
        LogBucket(stack, "b", LogBucketProps(log_infrequent_access_days=30))
        (rule,) = stack.resource("aws_s3_bucket_lifecycle_configuration.logs")["rule"]
        assert rule["transition"] == [{"days": 30, "storage_class": "STANDARD_IA"}]

    def test_emptied_on_destroy(self, stack: TrialStack) -> None:
        """Logs go with the environment only where the file says so."""
        LogBucket(stack, "b", LogBucketProps(empty_log_bucket_on_destroy=True))
        assert stack.resource("aws_s3_bucket.logs")["force_destroy"] is True
