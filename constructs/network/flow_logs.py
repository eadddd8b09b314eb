"""VPC flow logs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cdktf_cdktf_provider_aws.flow_log import FlowLog
from constructs.encryption.key import EncryptionKey
from constructs.encryption.log_group import LogGroup, LogGroupProps
from constructs.identity.policy import Statement
from constructs.identity.service_role import ServiceRole, ServiceRoleProps
from constructs.naming.component import Component, Scope


@dataclass(frozen=True, kw_only=True)
class FlowLogsProps:
    """Inputs of `FlowLogs`."""

    vpc_ids: Mapping[str, str]
    """Name in the state -> VPC."""

    key: EncryptionKey
    retention_days: int = 30


class FlowLogs(Component):
    """Accepted and rejected traffic of the VPCs, each minute, in one encrypted log group."""

    def __init__(self, scope: Scope, id_: str, props: FlowLogsProps) -> None:
        super().__init__(scope, id_)
        log_group = LogGroup(
            self,
            "log-group",
            LogGroupProps(
                name="flow_logs",
                log_group_name=self.names.flow_log_group,
                key=props.key,
                retention_days=props.retention_days,
            ),
        )
        # Amazon VPC user guide, "IAM role for publishing flow logs to CloudWatch Logs"; without CreateLogGroup, as the
        # group is ours: recreated by the service after a destroy it would have neither key nor retention.
        write = Statement(
            sid="WriteFlowLogs",
            actions=["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
            resources=[log_group.arn, f"{log_group.arn}:*"],
        )
        # DescribeLogGroups knows no resource of its own but the account's log groups.
        find = Statement(
            sid="FindLogGroup",
            actions=["logs:DescribeLogGroups"],
            resources=[self.names.arn("logs", "log-group:*")],
        )
        role = ServiceRole(
            self,
            "role",
            ServiceRoleProps(
                name="flow_logs",
                service="vpc-flow-logs.amazonaws.com",
                description="VPC flow logs write to their log group",
                source_arn=self.names.arn("ec2", "vpc-flow-log/*"),
                statements=[write, find],
            ),
        )
        for name, vpc_id in props.vpc_ids.items():
            self.add(
                FlowLog,
                name,
                vpc_id=vpc_id,
                traffic_type="ALL",
                log_destination=log_group.arn,
                iam_role_arn=role.arn,
                max_aggregation_interval=60,
                depends_on=role.permissions,
            )
        self.log_group_name = log_group.name
