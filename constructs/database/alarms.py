"""Alarms on the metadata database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf import Token
from cdktf_cdktf_provider_aws.cloudwatch_metric_alarm import CloudwatchMetricAlarm
from constructs.naming.component import Component, Scope
from constructs.naming.names import Names
from constructs.settings.values.instance_memory import GIB

PERIOD_SECONDS = 300
PERIODS = 3

#: Ends of the alarms' names.
ALARMS = ("connections", "cpu", "memory", "storage")


def alarm_arns(names: Names) -> list[str]:
    """ARNs of all alarms, which are known before these exist."""
    return [names.arn("cloudwatch", f"alarm:{names.of('database', alarm)}") for alarm in ALARMS]


@dataclass(frozen=True, kw_only=True)
class DatabaseAlarmsProps:
    """Inputs of `DatabaseAlarms`."""

    database_identifier: str
    memory_gib: float
    """Of the instance class."""

    allocated_storage: str
    """Expression of the database's storage, in GiB, which grows."""

    max_connections: int
    topic_arns: Sequence[str] = ()
    """SNS topics that are told; none: the alarms show in CloudWatch only."""


class DatabaseAlarms(Component):
    """Four alarms, each on 15 minutes: CPU above 80 %, below 10 % of storage or memory free, 80 % of connections.

    That of the storage follows its growth with the next deploy.
    """

    def __init__(self, scope: Scope, id_: str, props: DatabaseAlarmsProps) -> None:
        super().__init__(scope, id_)
        self._props = props
        storage = Token.as_number(f"${{floor({props.allocated_storage} * {GIB} / 10)}}")
        memory = int(props.memory_gib * GIB * 0.1)
        self._alarm("cpu", "CPUUtilization", above=80, text="CPU above 80 % for 15 minutes")
        self._alarm("storage", "FreeStorageSpace", below=storage, text="Less than 10 % of the storage free")
        self._alarm("memory", "FreeableMemory", below=memory, text="Less than 10 % of memory free for 15 minutes")
        connections = int(props.max_connections * 0.8)
        self._alarm("connections", "DatabaseConnections", above=connections, text="80 % of the connections in use")

    def _alarm(
        self, name: str, metric: str, *, text: str, above: float | None = None, below: float | None = None
    ) -> None:
        topics = list(self._props.topic_arns) or None
        self.add(
            CloudwatchMetricAlarm,
            f"database_{name}",
            alarm_name=self.names.of("database", name),
            alarm_description=text,
            namespace="AWS/RDS",
            metric_name=metric,
            dimensions={"DBInstanceIdentifier": self._props.database_identifier},
            statistic="Average",
            comparison_operator="GreaterThanThreshold" if above is not None else "LessThanThreshold",
            threshold=above if above is not None else below,
            period=PERIOD_SECONDS,
            evaluation_periods=PERIODS,
            alarm_actions=topics,
            ok_actions=topics,
        )
