"""VPC flow logs."""

from __future__ import annotations

import pytest
from constructs.encryption.log_group import LogKey
from constructs.network.flow_logs import FlowLogs, FlowLogsProps

from tests.unit.trial_stack import TrialStack

VPCS = {"cluster": "vpc-1", "database": "vpc-2"}


@pytest.fixture
def default(stack: TrialStack, log_key: LogKey) -> TrialStack:
    """Flow logs of two VPCs."""
    FlowLogs(stack, "flow-logs", FlowLogsProps(vpc_ids=VPCS, key=log_key))
    return stack


class TestWithDefaultConfiguration:
    def test_both_vpcs_write_to_one_encrypted_group(self, default: TrialStack) -> None:
        """One log group with our key and 30 days, and every VPC's log goes there."""
        assert default.names_of("aws_cloudwatch_log_group") == {"flow_logs"}
        group = default.resource("aws_cloudwatch_log_group.flow_logs")
        assert group["name"] == "/airflow-dev/vpc-flow-logs"
        assert group["kms_key_id"] == "${aws_kms_key.logs.arn}"
        assert group["retention_in_days"] == 30
        logs = default.synthesized().resources("aws_flow_log")
        assert {name: log["vpc_id"] for name, log in logs.items()} == VPCS
        for log in logs.values():
            assert log["log_destination"] == "${aws_cloudwatch_log_group.flow_logs.arn}"

    def test_accepted_and_rejected_traffic_each_minute(self, default: TrialStack) -> None:
        """Everything is logged, soon enough to look at while a connection fails."""
        for log in default.synthesized().resources("aws_flow_log").values():
            assert log["traffic_type"] == "ALL"
            assert log["max_aggregation_interval"] == 60

    def test_starts_with_its_permissions(self, default: TrialStack) -> None:
        """A flow log is made once its role may write."""
        for log in default.synthesized().resources("aws_flow_log").values():
            assert log["iam_role_arn"] == "${aws_iam_role.flow_logs.arn}"
            assert log["depends_on"] == ["aws_iam_role_policy.flow_logs"]

    def test_role_writes_into_this_group_only(self, default: TrialStack) -> None:
        """Streams and events of this group; no group is ever made by the service itself, without key and retention."""
        statements = default.statements("aws_iam_role_policy.flow_logs")
        group = "${aws_cloudwatch_log_group.flow_logs.arn}"
        assert statements["WriteFlowLogs"]["Resource"] == [group, f"{group}:*"]
        actions = {action for statement in statements.values() for action in statement["Action"]}
        assert "logs:CreateLogGroup" not in actions
        assert actions == {
            "logs:CreateLogStream",
            "logs:PutLogEvents",
            "logs:DescribeLogStreams",
            "logs:DescribeLogGroups",
        }
        assert statements["FindLogGroup"]["Resource"] == ["arn:aws:logs:eu-west-1:111122223333:log-group:*"]

    def test_role_is_for_this_accounts_flow_logs(self, default: TrialStack) -> None:
        """The flow log service assumes the role on behalf of this account's flow logs only."""
        trust = default.statements("aws_iam_role.flow_logs", "assume_role_policy")["AssumedByService"]
        assert trust["Principal"] == {"Service": "vpc-flow-logs.amazonaws.com"}
        assert trust["Condition"] == {
            "StringEquals": {"aws:SourceAccount": "111122223333"},
            "ArnLike": {"aws:SourceArn": "arn:aws:ec2:eu-west-1:111122223333:vpc-flow-log/*"},
        }


class TestWithCustomConfiguration:
    def test_retention(self, stack: TrialStack, log_key: LogKey) -> None:
        """Logs are kept as long as told."""
        logs = FlowLogs(stack, "flow-logs", FlowLogsProps(vpc_ids={}, key=log_key, retention_days=365))
        assert stack.resource("aws_cloudwatch_log_group.flow_logs")["retention_in_days"] == 365
        assert stack.names_of("aws_flow_log") == set()
        assert logs.log_group_name
