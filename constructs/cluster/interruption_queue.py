"""The queue by which Karpenter hears of nodes that AWS is about to take away."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.cloudwatch_event_rule import CloudwatchEventRule
from cdktf_cdktf_provider_aws.cloudwatch_event_target import CloudwatchEventTarget
from cdktf_cdktf_provider_aws.sqs_queue import SqsQueue
from cdktf_cdktf_provider_aws.sqs_queue_policy import SqsQueuePolicy
from constructs.cluster.karpenter_names import EVENTS, rule_arns
from constructs.identity.policy import Statement, policy_document
from constructs.naming.component import Component, Scope

#: Seconds. What is older helps nobody: spot nodes go after two minutes.
RETENTION_SECONDS = 300


class InterruptionQueue(Component):
    """An encrypted queue that four rules of EventBridge, and nobody else, write to, over TLS only.

    The events are those of all instances of account and region: their kind can be asked for, not their cluster.
    """

    def __init__(self, scope: Scope, id_: str) -> None:
        super().__init__(scope, id_)
        queue = self.add(
            SqsQueue,
            "karpenter",
            name=self.names.karpenter_queue,
            message_retention_seconds=RETENTION_SECONDS,
            sqs_managed_sse_enabled=True,
        )
        self.arn: str = queue.arn
        sending = Statement(
            sid="Events",
            actions=["sqs:SendMessage"],
            resources=[queue.arn],
            principals={"Service": "events.amazonaws.com"},
            conditions={
                "StringEquals": {"aws:SourceAccount": self.names.account_id},
                "ArnEquals": {"aws:SourceArn": rule_arns(self.names)},
            },
        )
        unencrypted = Statement(
            sid="NotWithoutTls",
            effect="Deny",
            actions=["sqs:*"],
            resources=[queue.arn],
            principals={"AWS": "*"},
            conditions={"Bool": {"aws:SecureTransport": "false"}},
        )
        self.add(SqsQueuePolicy, "karpenter", queue_url=queue.id, policy=policy_document(sending, unencrypted))
        for event, (source, kind) in EVENTS.items():
            self._rule(event, source, kind)

    def _rule(self, event: str, source: str, kind: str) -> None:
        name = f"karpenter_{event}"
        pattern = f'{{"source":["{source}"],"detail-type":["{kind}"]}}'
        rule = self.add(
            CloudwatchEventRule,
            name,
            name=self.names.of("karpenter", event),
            description=f"{kind}, for Karpenter",
            event_pattern=pattern,
        )
        self.add(CloudwatchEventTarget, name, rule=rule.name, target_id="karpenter", arn=self.arn)
