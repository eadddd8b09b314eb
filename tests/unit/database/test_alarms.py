"""Alarms on the database."""

from __future__ import annotations

from typing import Any

import pytest
from constructs.database.alarms import DatabaseAlarms, DatabaseAlarmsProps

from tests.unit.trial_stack import TrialStack

GIB = 1024**3


def _add(stack: TrialStack, **changes: Any) -> dict[str, dict[str, Any]]:
    arguments: dict[str, Any] = {
        "database_identifier": "airflow-dev",
        "memory_gib": 4.0,
        "allocated_storage": "aws_db_instance.metadata.allocated_storage",
        "max_connections": 450,
    } | changes
    DatabaseAlarms(stack, "alarms", DatabaseAlarmsProps(**arguments))
    return stack.synthesized().resources("aws_cloudwatch_metric_alarm")


class TestWithDefaultConfiguration:
    @pytest.mark.parametrize(
        ("name", "metric", "comparison", "threshold"),
        [
            ("database_cpu", "CPUUtilization", "GreaterThanThreshold", 80),
            (
                "database_storage",
                "FreeStorageSpace",
                "LessThanThreshold",
                "${floor(aws_db_instance.metadata.allocated_storage * 1073741824 / 10)}",
            ),
            ("database_memory", "FreeableMemory", "LessThanThreshold", int(0.4 * GIB)),
            ("database_connections", "DatabaseConnections", "GreaterThanThreshold", 360),
        ],
    )
    def test_thresholds(self, stack: TrialStack, name: str, metric: str, comparison: str, threshold: object) -> None:
        """CPU above 80 %, less than a tenth of storage (as it is) or memory free, four fifths of the connections."""
        alarm = _add(stack)[name]
        assert (alarm["metric_name"], alarm["comparison_operator"]) == (metric, comparison)
        assert alarm["threshold"] == threshold

    def test_there_are_four(self, stack: TrialStack) -> None:
        """Four alarms, named after the environment, each on 15 minutes of this database."""
        alarms = _add(stack)
        assert len(alarms) == 4
        for name, alarm in alarms.items():
            assert alarm["alarm_name"] == f"airflow-dev-{name.replace('_', '-')}"
            assert alarm["namespace"] == "AWS/RDS"
            assert alarm["dimensions"] == {"DBInstanceIdentifier": "airflow-dev"}
            assert alarm["period"] * alarm["evaluation_periods"] == 15 * 60
            assert alarm["statistic"] == "Average"

    def test_nobody_is_told(self, stack: TrialStack) -> None:
        """Without a topic the alarms show in CloudWatch only."""
        for alarm in _add(stack).values():
            assert not {"alarm_actions", "ok_actions"} & set(alarm)


class TestWithCustomConfiguration:
    def test_a_topic_is_told(self, stack: TrialStack) -> None:
        """The topic hears of the alarm and of its end."""
        topic = "arn:aws:sns:eu-west-1:111122223333:alarms"
        for alarm in _add(stack, topic_arns=[topic]).values():
            assert alarm["alarm_actions"] == [topic]
            assert alarm["ok_actions"] == [topic]

    def test_thresholds_follow_the_size(self, stack: TrialStack) -> None:
        """A larger instance has larger thresholds."""
        alarms = _add(stack, memory_gib=8.0, max_connections=1000)
        assert alarms["database_memory"]["threshold"] == int(0.8 * GIB)
        assert alarms["database_connections"]["threshold"] == 800
