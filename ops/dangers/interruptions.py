"""What Karpenter starts nodes with, and hears of those that AWS takes away by."""

from __future__ import annotations

from ops.dangers.policies import widened_policy
from ops.dangers.rules import Rule, changed, gone, switched_off
from ops.plan_report.danger import Kind
from ops.plan_report.report import Action

_HEARS_LESS = "Karpenter hears less of nodes that AWS takes away, and their pods have no notice"

INTERRUPTIONS: dict[str, tuple[Rule, ...]] = {
    "aws_cloudwatch_event_rule": (
        changed("event_pattern", "Karpenter hears of other events", Kind.WEAKENS),
        gone(_HEARS_LESS, Kind.WEAKENS, actions=(Action.DESTROY,)),
    ),
    "aws_cloudwatch_event_target": (gone(_HEARS_LESS, Kind.WEAKENS, actions=(Action.DESTROY,)),),
    "aws_iam_instance_profile": (
        changed("role", "nodes start with another role", Kind.OPENS),
        gone("Karpenter can start no node meanwhile", Kind.INTERRUPTS),
    ),
    "aws_sqs_queue": (
        switched_off("sqs_managed_sse_enabled", "messages are stored without encryption"),
        gone(_HEARS_LESS, Kind.WEAKENS),
    ),
    "aws_sqs_queue_policy": (widened_policy("policy", "the queue's policy", trusted=("Service:*.amazonaws.com",)),),
}
