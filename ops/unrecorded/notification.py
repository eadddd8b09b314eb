"""SNS: the topic of the alarms, asked for by its declared name, and its subscriptions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ops.unrecorded.account import Account, tag_mapping, unless
from ops.unrecorded.declared import Declared
from ops.unrecorded.finding import Found

#: What SNS answers where there is no such topic.
_NO_TOPIC = frozenset({"NotFound", "ResourceNotFound", "ResourceNotFoundException"})
#: What SNS says instead of an ARN until somebody has opened its link.
UNCONFIRMED = "PendingConfirmation"


def named(account: Account, declared: Declared) -> Iterator[Found]:
    """Declared topics that exist and carry the stack's tags. Where none is declared nothing is asked."""
    for address, topic in declared.each("aws_sns_topic"):
        arn = account.labels.names.arn("sns", topic["name"])
        if account.address("aws_sns_topic", _tags(account, arn)) == address:
            yield Found(address, arn, f"topic {topic['name']} carries the tag Address")


def _tags(account: Account, topic: str) -> Mapping[str, str]:
    sns = account.client("sns")
    return unless(_NO_TOPIC, lambda: tag_mapping(sns.list_tags_for_resource(ResourceArn=topic)["Tags"]), {})


def children(account: Account, declared: Declared) -> Iterator[Found]:
    """Confirmed subscriptions, which carry no tags, of the stack's topics.

    One that nobody has confirmed yet has no ARN to import: the next apply subscribes the address again, which SNS
    answers with the subscription that is there. A topic's policy is never looked for: each topic has one from the
    start, and the next apply sets ours.
    """
    for address, subscription in declared.each("aws_sns_topic_subscription"):
        for topic in declared.values(subscription["topic_arn"]):
            for item in account.list("sns", "list_subscriptions_by_topic", "Subscriptions", TopicArn=topic):
                if item["Endpoint"] == subscription["endpoint"] and item["SubscriptionArn"] != UNCONFIRMED:
                    evidence = f"{item['Endpoint']} is subscribed to topic {topic.rpartition(':')[2]}"
                    yield Found(address, item["SubscriptionArn"], evidence)
