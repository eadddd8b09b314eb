"""Changes of what Karpenter starts nodes with and hears of interruptions by."""

from __future__ import annotations

from tests.unit.ops.dangers.judged import Case, allow, policy

_HEARS_LESS = "Karpenter hears less of nodes that AWS takes away, and their pods have no notice"

INTERRUPTION_CASES: list[Case] = [
    ("aws_sqs_queue", {"sqs_managed_sse_enabled": True}, {"sqs_managed_sse_enabled": True}, []),
    (
        "aws_sqs_queue",
        {"sqs_managed_sse_enabled": True},
        {"sqs_managed_sse_enabled": False},
        ["weakens messages are stored without encryption: true -> false"],
    ),
    ("aws_sqs_queue", {"name": "q"}, None, [f"weakens destroyed: {_HEARS_LESS}"]),
    (
        "aws_sqs_queue_policy",
        {"policy": policy(allow("sqs:SendMessage"))},
        {"policy": policy(allow("sqs:*"))},
        ["opens the queue's policy allows more: sqs:SendMessage on * -> sqs:* on *"],
    ),
    (
        "aws_cloudwatch_event_rule",
        {"event_pattern": "a"},
        {"event_pattern": "b"},
        ["weakens Karpenter hears of other events: a -> b"],
    ),
    ("aws_cloudwatch_event_rule", {"name": "r"}, None, [f"weakens destroyed: {_HEARS_LESS}"]),
    ("aws_cloudwatch_event_target", {"rule": "r"}, None, [f"weakens destroyed: {_HEARS_LESS}"]),
    ("aws_iam_instance_profile", {"role": "a"}, {"role": "b"}, ["opens nodes start with another role: a -> b"]),
    (
        "aws_iam_instance_profile",
        {"role": "a"},
        None,
        ["interrupts destroyed: Karpenter can start no node meanwhile"],
    ),
]
