"""Log groups and their key."""

from __future__ import annotations

import pytest
from constructs.encryption.log_group import LogGroup, LogGroupProps, LogKey

from tests.unit.trial_stack import TrialStack


class TestLogKey:
    def test_cloudwatch_logs_uses_it_for_this_environments_groups_only(
        self, log_key: LogKey, stack: TrialStack
    ) -> None:
        """The region's log service is allowed, for log groups with this environment's name and nothing else."""
        del log_key
        assert set(stack.statements("aws_kms_key.logs")) == {"AccountPolicies", "CloudWatchLogs"}
        logs = stack.statements("aws_kms_key.logs")["CloudWatchLogs"]
        assert logs["Principal"] == {"Service": "logs.eu-west-1.amazonaws.com"}
        groups = ("/airflow-dev/*", "/aws/eks/airflow-dev/*", "/aws/rds/instance/airflow-dev/*")
        assert logs["Condition"] == {
            "ArnLike": {
                "kms:EncryptionContext:aws:logs:arn": [
                    f"arn:aws:logs:eu-west-1:111122223333:log-group:{group}" for group in groups
                ]
            }
        }

    @pytest.mark.parametrize("region", ["us-east-1", "us-gov-west-1"])
    def test_with_custom_configuration(self, region: str) -> None:
        """The principal is the log service of the environment's own region."""
        stack = TrialStack(region=region)
        LogKey(stack, "log-key")
        principal = stack.statements("aws_kms_key.logs")["CloudWatchLogs"]["Principal"]
        assert principal == {"Service": f"logs.{region}.amazonaws.com"}

    def test_grants_no_administration(self, log_key: LogKey, stack: TrialStack) -> None:
        """CloudWatch Logs encrypts and decrypts; it can neither change nor delete the key."""
        del log_key
        assert set(stack.statements("aws_kms_key.logs")["CloudWatchLogs"]["Action"]) == {
            "kms:Encrypt",
            "kms:Decrypt",
            "kms:ReEncrypt*",
            "kms:GenerateDataKey*",
            "kms:DescribeKey",
        }


class TestLogGroup:
    def test_is_encrypted_and_forgets(self, log_key: LogKey, stack: TrialStack) -> None:
        """A group with our key and the given retention under the given name."""
        props = LogGroupProps(name="flow_logs", log_group_name="/airflow-dev/x", key=log_key, retention_days=7)
        group = LogGroup(stack, "group", props)
        resource = stack.resource("aws_cloudwatch_log_group.flow_logs")
        assert resource["name"] == "/airflow-dev/x"
        assert resource["kms_key_id"] == "${aws_kms_key.logs.arn}"
        assert resource["retention_in_days"] == 7
        assert group.name != "/airflow-dev/x", "others refer to the group, so that they are made after it"
