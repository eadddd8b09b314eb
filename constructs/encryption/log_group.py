"""Encrypted CloudWatch log groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from constructs.encryption.key import EncryptionKey, EncryptionKeyProps
from constructs.identity.policy import Statement
from constructs.naming.component import Component, Scope


class LogKey(EncryptionKey):
    """The key of all log groups of an environment; CloudWatch Logs may use it for those only.

    `statements` say who else may use it.
    """

    def __init__(self, scope: Scope, id_: str, statements: Sequence[Statement] = ()) -> None:
        names = scope.labels.names
        # CloudWatch Logs user guide, "Encrypt log data in CloudWatch Logs using AWS KMS", step 2.
        logs = Statement(
            sid="CloudWatchLogs",
            actions=["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
            resources=["*"],
            principals={"Service": f"logs.{names.region}.amazonaws.com"},
            conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": names.log_groups}},
        )
        props = EncryptionKeyProps(
            name="logs", description="Log groups of the environment", statements=[logs, *statements]
        )
        super().__init__(scope, id_, props)


@dataclass(frozen=True, kw_only=True)
class LogGroupProps:
    """Inputs of `LogGroup`."""

    name: str
    """Name in the state."""

    log_group_name: str
    key: EncryptionKey
    retention_days: int


class LogGroup(Component):
    """A CloudWatch log group, encrypted, made by us so that its retention is ours and it goes when we go."""

    def __init__(self, scope: Scope, id_: str, props: LogGroupProps) -> None:
        super().__init__(scope, id_)
        self.resource = self.add(
            CloudwatchLogGroup,
            props.name,
            name=props.log_group_name,
            kms_key_id=props.key.arn,
            retention_in_days=props.retention_days,
        )
        self.arn: str = self.resource.arn
        self.name: str = self.resource.name
