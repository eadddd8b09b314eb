"""What is kept: bucket, keys, secrets, logs; and alarms: changes, and what each is told to do."""

from __future__ import annotations

from tests.unit.ops.dangers.judged import Block, Case, allow, deny, policy

#: Another account.
ROOT = {"AWS": "arn:aws:iam::999988887777:root"}


def lifecycle(days: int, noncurrent: int, **more: object) -> Block:
    """A bucket's rule of expiry."""
    return {
        "rule": [
            {
                "id": "expire",
                "status": "Enabled",
                "filter": [{"prefix": ""}],
                "expiration": [{"days": days}],
                "noncurrent_version_expiration": [{"noncurrent_days": noncurrent}],
                **more,
            }
        ]
    }


def encryption(algorithm: str, key: str | None = None) -> Block:
    """A bucket's encryption."""
    inner = {"sse_algorithm": algorithm, "kms_master_key_id": key}
    return {"rule": [{"apply_server_side_encryption_by_default": [inner]}]}


def alarm(operator: str, threshold: float, **more: object) -> Block:
    """An alarm."""
    return {"comparison_operator": operator, "threshold": threshold, "metric_name": "CPUUtilization", **more}


KEPT_CASES: list[Case] = [
    (
        "aws_s3_bucket",
        {"force_destroy": False},
        {"force_destroy": True},
        ["weakens destroying the environment deletes all that is in the bucket: false -> true"],
    ),
    ("aws_s3_bucket", {"force_destroy": False}, None, ["loses destroyed: what is stored in it"]),
    (
        "aws_s3_bucket_public_access_block",
        dict.fromkeys(
            ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"), True
        ),
        {
            **dict.fromkeys(("block_public_acls", "ignore_public_acls", "restrict_public_buckets"), True),
            "block_public_policy": False,
        },
        ["opens block_public_policy: the bucket can be made public: true -> false"],
    ),
    (
        "aws_s3_bucket_public_access_block",
        {"block_public_acls": True},
        None,
        ["opens destroyed: the bucket can be made public"],
    ),
    (
        "aws_s3_bucket_ownership_controls",
        {"rule": [{"object_ownership": "BucketOwnerEnforced"}]},
        {"rule": [{"object_ownership": "ObjectWriter"}]},
        ["opens access lists of objects count: BucketOwnerEnforced -> ObjectWriter"],
    ),
    (
        "aws_s3_bucket_policy",
        {"policy": policy(deny("s3:*", Condition={"Bool": {"aws:SecureTransport": "false"}}))},
        {"policy": policy({**allow("s3:GetObject"), "Principal": "*"})},
        [
            "opens the bucket's policy allows more: (none) -> s3:GetObject on * for *",
            "opens the bucket's policy denies less: deny s3:* on * if Bool aws:SecureTransport false -> (none)",
        ],
    ),
    (
        "aws_s3_bucket_versioning",
        {"versioning_configuration": [{"status": "Enabled"}]},
        {"versioning_configuration": [{"status": "Suspended"}]},
        ["weakens what is overwritten or deleted is gone: Enabled -> Suspended"],
    ),
    (
        "aws_s3_bucket_lifecycle_configuration",
        lifecycle(365, 30),
        lifecycle(14, 1),
        [
            "weakens expire: objects are deleted after fewer days: 365 -> 14",
            "weakens expire: former versions are deleted after fewer days: 30 -> 1",
        ],
    ),
    ("aws_s3_bucket_lifecycle_configuration", lifecycle(14, 1), lifecycle(365, 30), []),
    (
        "aws_s3_bucket_lifecycle_configuration",
        lifecycle(14, 1, filter=[{"prefix": "a/"}]),
        lifecycle(14, 1),
        ['weakens expire: other objects are deleted: [{"prefix": "a/"}] -> [{"prefix": ""}]'],
    ),
    (
        "aws_s3_bucket_server_side_encryption_configuration",
        encryption("aws:kms", "arn:x:key/1"),
        encryption("AES256"),
        [
            "weakens objects are encrypted without a key: aws:kms -> AES256",
            "weakens another key encrypts the objects: arn:x:key/1 -> (none)",
        ],
    ),
    (
        "aws_kms_key",
        {"enable_key_rotation": True, "deletion_window_in_days": 30, "policy": policy(allow("kms:*"))},
        {
            "enable_key_rotation": False,
            "deletion_window_in_days": 7,
            "policy": policy({**allow("kms:*"), "Principal": ROOT}, allow("kms:*")),
        },
        [
            "opens the key's policy allows more: kms:* on * -> kms:* on * for arn:aws:iam::999988887777:root",
            "weakens the key is renewed no more: true -> false",
            "weakens a deleted key can be had back for fewer days: 30 -> 7",
        ],
    ),
    (
        "aws_kms_key",
        {"enable_key_rotation": True},
        None,
        ["loses destroyed: what is encrypted with it, backups among it"],
    ),
    (
        "aws_secretsmanager_secret",
        {"recovery_window_in_days": 30, "kms_key_id": "arn:x:key/1", "policy": ""},
        {"recovery_window_in_days": 0, "kms_key_id": None, "policy": policy({**allow("*"), "Principal": ROOT})},
        [
            "opens the secret's policy allows: (none) -> * on * for arn:aws:iam::999988887777:root",
            "weakens a deleted secret can be had back for fewer days: 30 -> 0",
            "weakens another key encrypts the secret: arn:x:key/1 -> (none)",
        ],
    ),
    (
        "aws_secretsmanager_secret_policy",
        {"policy": policy(deny("*"))},
        None,
        ["opens destroyed: what the secret's policy denied is denied no more"],
    ),
    (
        "aws_secretsmanager_secret_version",
        {"secret_string_wo_version": 1},
        None,
        ["interrupts destroyed: the secret loses its value"],
    ),
    (
        "aws_cloudwatch_log_group",
        {"retention_in_days": 0, "kms_key_id": "arn:x:key/1"},
        {"retention_in_days": 365, "kms_key_id": ""},
        [
            "weakens logs are kept for fewer days: 0 -> 365",
            "weakens logs are encrypted without the environment's key: arn:x:key/1 -> (none)",
        ],
    ),
    ("aws_cloudwatch_log_group", {"retention_in_days": 7}, {"retention_in_days": 365}, []),
    (
        "aws_cloudwatch_metric_alarm",
        alarm("GreaterThanThreshold", 80, alarm_actions=["arn:x:topic"], actions_enabled=True),
        alarm("GreaterThanThreshold", 95, alarm_actions=[], actions_enabled=False),
        [
            "weakens the alarm is raised later: GreaterThanThreshold 80 -> GreaterThanThreshold 95",
            "weakens the alarm tells nobody: true -> false",
            "weakens the alarm tells fewer: arn:x:topic -> (none)",
        ],
    ),
    (
        "aws_cloudwatch_metric_alarm",
        alarm("LessThanThreshold", 5_000),
        alarm("LessThanThreshold", 50),
        ["weakens the alarm is raised later: LessThanThreshold 5000 -> LessThanThreshold 50"],
    ),
    ("aws_cloudwatch_metric_alarm", alarm("LessThanThreshold", 50), alarm("LessThanThreshold", 5_000), []),
    (
        "aws_cloudwatch_metric_alarm",
        alarm("LessThanThreshold", 50),
        None,
        ["weakens destroyed: nobody is told any more"],
    ),
    (
        "aws_sns_topic",
        {"policy": policy(), "kms_master_key_id": "k"},
        None,
        ["weakens destroyed: alarms reach nobody"],
    ),
    (
        "aws_sns_topic_policy",
        {"policy": policy(allow("sns:Publish"))},
        {"policy": policy(allow("sns:*"))},
        ["opens the topic's policy allows more: sns:Publish on * -> sns:* on *"],
    ),
    (
        "aws_sns_topic_subscription",
        None,
        {"endpoint": "a@acme.com"},
        ["opens alarms are told to one more: (none) -> a@acme.com"],
    ),
    (
        "aws_sns_topic_subscription",
        {"endpoint": "a@acme.com"},
        None,
        ["weakens destroyed: one who was told of alarms is told no more, or has to agree again"],
    ),
]
