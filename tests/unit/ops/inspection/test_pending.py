"""What AWS has been told and has not done yet."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from ops.clients.aws import Aws
from ops.console.errors import NoPermissionError
from ops.inspection.pending import silent_receivers

ACCOUNT = "111122223333"
TOPIC = f"arn:aws:sns:eu-west-1:{ACCOUNT}:airflow-dev-alarms"


@pytest.fixture
def aws() -> Aws:
    """An account in which each call has to be expected."""
    return Aws("eu-west-1", ACCOUNT)


def stubbed(aws: Aws, service: str) -> Stubber:
    """A service of the account, which answers what a test says and nothing else."""
    create: Any = boto3.client  # the stubs want the service as a literal
    client = create(service, region_name="eu-west-1", aws_access_key_id="test", aws_secret_access_key="test")
    aws._clients[service, "eu-west-1"] = client
    stubber = Stubber(client)
    stubber.activate()
    return stubber


class TestSilentReceivers:
    def test_who_has_not_confirmed_is_not_told(self, aws: Aws) -> None:
        """An address is named until its subscription is confirmed, also once SNS has given it up."""
        item = {"Owner": ACCOUNT, "Protocol": "email", "TopicArn": TOPIC}
        confirmed = {**item, "Endpoint": "a@acme.org", "SubscriptionArn": f"{TOPIC}:1"}
        waiting = {**item, "Endpoint": "b@acme.org", "SubscriptionArn": "PendingConfirmation"}
        sns = stubbed(aws, "sns")
        sns.add_response("list_subscriptions_by_topic", {"Subscriptions": [confirmed, waiting]}, {"TopicArn": TOPIC})
        assert silent_receivers(aws, TOPIC, ["a@acme.org", "b@acme.org", "c@acme.org"]) == [
            "alarms: b@acme.org is not told until somebody opens the link in the mail from SNS",
            "alarms: c@acme.org is not told until somebody opens the link in the mail from SNS",
        ]

    def test_before_the_first_deploy(self, aws: Aws) -> None:
        """Without the topic there is nothing to confirm."""
        stubbed(aws, "sns").add_client_error("list_subscriptions_by_topic", "NotFound", "Topic does not exist")
        assert silent_receivers(aws, TOPIC, ["a@acme.org"]) == []

    def test_without_addresses_nothing_is_asked(self, aws: Aws) -> None:
        """An environment that doesn't use it needs no permission for SNS."""
        stubbed(aws, "sns")
        assert silent_receivers(aws, TOPIC, []) == []

    def test_without_permission(self, aws: Aws) -> None:
        """What may not be looked at is said as such, not taken for confirmed."""
        stubbed(aws, "sns").add_client_error("list_subscriptions_by_topic", "AuthorizationError", "no")
        with pytest.raises(NoPermissionError, match="look at who is told of alarms"):
            silent_receivers(aws, TOPIC, ["a@acme.org"])
