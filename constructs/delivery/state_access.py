"""Access to the states of one environment's two stacks; the bootstrap's own is none of them."""

from __future__ import annotations

from constructs.delivery.reach import Reach
from constructs.identity.policy import Statement


def reading_state(reach: Reach) -> list[Statement]:
    """Return what a plan without a lock needs."""
    return [
        Statement(
            sid="FindState", actions=["s3:GetBucketLocation", "s3:ListBucket"], resources=[reach.state_bucket_arn]
        ),
        Statement(sid="ReadState", actions=["s3:GetObject"], resources=reach.states()),
        Statement(sid="ReadLock", actions=["s3:GetObject"], resources=reach.states(".tflock")),
        Statement(sid="DecryptState", actions=["kms:Decrypt"], resources=[reach.state_key_arn]),
    ]


def writing_state(reach: Reach) -> list[Statement]:
    """Return what an apply needs beside that; versions of the state nobody may delete."""
    return [
        Statement(sid="WriteState", actions=["s3:PutObject"], resources=reach.states()),
        Statement(sid="LockState", actions=["s3:PutObject", "s3:DeleteObject"], resources=reach.states(".tflock")),
        Statement(sid="EncryptState", actions=["kms:GenerateDataKey"], resources=[reach.state_key_arn]),
    ]
