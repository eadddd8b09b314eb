"""CloudWatch: log groups and alarms, listed by the starts of their names."""

from __future__ import annotations

from collections.abc import Iterator

from ops.unrecorded.account import Account, tag_mapping
from ops.unrecorded.finding import Found


def tagged(account: Account) -> Iterator[Found]:
    """Log groups and alarms that carry the stack's tags."""
    names = account.labels.names
    logs, cloudwatch = account.client("logs"), account.client("cloudwatch")
    for start in (names.flow_log_group, names.control_plane_log_group, names.database_log_group("")):
        for group in account.list("logs", "describe_log_groups", "logGroups", logGroupNamePrefix=start):
            name = group["logGroupName"]
            # The ARN in `arn` ends with the streams, `:*`; this call wants the group's own.
            tags = logs.list_tags_for_resource(resourceArn=group["arn"].removesuffix(":*"))["tags"]
            if address := account.address("aws_cloudwatch_log_group", tags):
                yield Found(address, name, f"log group {name} carries the tag Address")
    for alarm in account.list("cloudwatch", "describe_alarms", "MetricAlarms", AlarmNamePrefix=f"{names.prefix}-"):
        name = alarm["AlarmName"]
        tags = tag_mapping(cloudwatch.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"])
        if address := account.address("aws_cloudwatch_metric_alarm", tags):
            yield Found(address, name, f"alarm {name} carries the tag Address")
