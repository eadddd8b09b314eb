"""Who is told of alarms."""

from __future__ import annotations

from typing import Any

import pytest
from constructs.database.alarm_topic import AlarmTopic, AlarmTopicProps, use_of_the_key
from constructs.database.alarms import DatabaseAlarms, DatabaseAlarmsProps
from constructs.encryption.log_group import LogKey

from tests.security.policy_evaluator import Request, allows
from tests.unit.trial_stack import TrialStack

TOPIC = "${aws_sns_topic.alarms.arn}"
CLOUDWATCH = {"Service": "cloudwatch.amazonaws.com"}
ALARM = "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:"
OURS = {"aws:SourceAccount": "111122223333", "aws:SourceArn": f"{ALARM}airflow-dev-database-cpu"}


@pytest.fixture
def stack() -> TrialStack:
    """A stack with a topic for two addresses."""
    stack = TrialStack()
    key = LogKey(stack, "log-key", [use_of_the_key(stack.labels.names)])
    emails = ["oncall@acme.org", "data.team@acme.org"]
    AlarmTopic(stack, "alarm-topic", AlarmTopicProps(key=key, emails=emails))
    return stack


class TestTopic:
    def test_is_encrypted_with_the_environments_key(self, stack: TrialStack) -> None:
        """What alarms say lies in SNS under the key of the log groups."""
        topic = stack.resource("aws_sns_topic.alarms")
        assert topic["name"] == "airflow-dev-alarms"
        assert topic["kms_master_key_id"] == "${aws_kms_key.logs.arn}"

    def test_each_address_is_subscribed(self, stack: TrialStack) -> None:
        """One subscription each, under an address in the state that tells whose it is."""
        subscriptions = stack.synthesized().resources("aws_sns_topic_subscription")
        assert {name: each["endpoint"] for name, each in subscriptions.items()} == {
            "alarms_oncall_acme_org": "oncall@acme.org",
            "alarms_data_team_acme_org": "data.team@acme.org",
        }
        assert {(each["protocol"], each["topic_arn"]) for each in subscriptions.values()} == {("email", TOPIC)}

    @pytest.mark.parametrize(
        ("address", "action", "resource"),
        [
            ("aws_sns_topic_policy.alarms", "sns:Publish", TOPIC),
            ("aws_kms_key.logs", "kms:Decrypt", "*"),
            ("aws_kms_key.logs", "kms:GenerateDataKey", "*"),
        ],
    )
    def test_cloudwatch_publishes_this_environments_alarms(
        self, stack: TrialStack, address: str, action: str, resource: str
    ) -> None:
        """Topic and key are open to CloudWatch for these alarms; not for a neighbour's, and not to other services."""

        def allowed(principal: dict[str, str], **context: str) -> bool:
            policies = [_without_references(statement) for statement in stack.statements(address).values()]
            asked = Request(action=action, resource="T", context=context, principal=principal)
            return allows([{"Statement": policies}], asked)

        assert allowed(CLOUDWATCH, **OURS)
        assert not allowed(CLOUDWATCH)
        assert not allowed(CLOUDWATCH, **OURS | {"aws:SourceArn": f"{ALARM}airflow-dev-2-database-cpu"})
        assert not allowed(CLOUDWATCH, **OURS | {"aws:SourceAccount": "444455556666"})
        assert not allowed({"Service": "events.amazonaws.com"}, **OURS)
        assert resource in stack.statements(address)["Alarms"]["Resource"]

    def test_every_alarm_may_be_published(self, stack: TrialStack) -> None:
        """The policies name exactly the alarms that there are."""
        props = DatabaseAlarmsProps(
            database_identifier="airflow-dev",
            memory_gib=4.0,
            allocated_storage="aws_db_instance.metadata.allocated_storage",
            max_connections=450,
        )
        DatabaseAlarms(stack, "alarms", props)
        alarms = stack.synthesized().resources("aws_cloudwatch_metric_alarm").values()
        named = stack.statements("aws_sns_topic_policy.alarms")["Alarms"]["Condition"]["ArnEquals"]["aws:SourceArn"]
        assert sorted(named) == sorted(ALARM + alarm["alarm_name"] for alarm in alarms)


def _without_references(statement: dict[str, Any]) -> dict[str, Any]:
    return {**statement, "Resource": ["*"]}
