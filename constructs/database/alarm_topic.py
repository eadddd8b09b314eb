"""Who is told of the database's alarms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf_cdktf_provider_aws.sns_topic import SnsTopic
from cdktf_cdktf_provider_aws.sns_topic_policy import SnsTopicPolicy
from cdktf_cdktf_provider_aws.sns_topic_subscription import SnsTopicSubscription
from constructs.database.alarms import alarm_arns
from constructs.encryption.key import EncryptionKey
from constructs.identity.policy import Statement, policy_document
from constructs.naming.component import Component, Scope
from constructs.naming.names import Names, unique_names

#: How CloudWatch publishes (SNS developer guide, "Enable compatibility between event sources from AWS services and
#: encrypted topics"). Without the key's leave alarms change their state and nobody hears of it.
_USE_OF_THE_KEY = ("kms:Decrypt", "kms:GenerateDataKey*")
_CLOUDWATCH = "cloudwatch.amazonaws.com"


def use_of_the_key(names: Names) -> Statement:
    """What a key that encrypts the topic has to allow: CloudWatch uses it for the environment's alarms alone."""
    return Statement(
        sid="Alarms",
        actions=_USE_OF_THE_KEY,
        resources=["*"],
        principals={"Service": _CLOUDWATCH},
        conditions=_for_alarms(names),
    )


def _for_alarms(names: Names) -> dict[str, dict[str, str | Sequence[str]]]:
    return {
        "StringEquals": {"aws:SourceAccount": names.account_id},
        "ArnEquals": {"aws:SourceArn": alarm_arns(names)},
    }


@dataclass(frozen=True, kw_only=True)
class AlarmTopicProps:
    """Inputs of `AlarmTopic`."""

    key: EncryptionKey
    """Its policy has the statement `use_of_the_key`."""

    emails: Sequence[str]


class AlarmTopic(Component):
    """An encrypted SNS topic that the environment's alarms alone publish to, with a subscription for each address.

    SNS sends every address a link first; until somebody has opened it nothing else is sent there. An address that
    doesn't confirm is forgotten by SNS after some days, and asked again by the next deploy.
    """

    def __init__(self, scope: Scope, id_: str, props: AlarmTopicProps) -> None:
        super().__init__(scope, id_)
        topic = self.add(SnsTopic, "alarms", name=self.names.alarm_topic, kms_master_key_id=props.key.arn)
        publishing = Statement(
            sid="Alarms",
            actions=["sns:Publish"],
            resources=[topic.arn],
            principals={"Service": _CLOUDWATCH},
            conditions=_for_alarms(self.names),
        )
        # In place of SNS's own policy, which lets the whole account publish.
        self.add(SnsTopicPolicy, "alarms", arn=topic.arn, policy=policy_document(publishing))
        for name, email in unique_names(props.emails).items():
            self.add(SnsTopicSubscription, f"alarms_{name}", topic_arn=topic.arn, protocol="email", endpoint=email)
        self.arn: str = topic.arn
