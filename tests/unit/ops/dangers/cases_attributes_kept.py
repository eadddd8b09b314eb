"""Changes of one argument each of what is kept, watched and run, and the line that tells it."""

from __future__ import annotations

from tests.unit.ops.dangers.judged import Case, allow, one, policy

KEYS = ("arn:x:key/1", "arn:x:key/2")
ON, OFF = True, False
DATABASE = "aws_db_instance"

KEPT_ATTRIBUTE_CASES: list[Case] = [
    one(
        DATABASE,
        "parameter_group_name",
        "a",
        "b",
        "interrupts other parameters count after its next restart: a -> b",
    ),
    one(DATABASE, "delete_automated_backups", OFF, ON, "weakens deleted, it takes its backups along: false -> true"),
    one(DATABASE, "storage_encrypted", ON, OFF, "weakens the storage is not encrypted: true -> false"),
    one(DATABASE, "kms_key_id", *KEYS, "weakens another key encrypts the storage: arn:x:key/1 -> arn:x:key/2"),
    one(DATABASE, "copy_tags_to_snapshot", ON, OFF, "weakens snapshots are without tags: true -> false"),
    one(
        DATABASE,
        "auto_minor_version_upgrade",
        ON,
        OFF,
        "weakens security fixes of PostgreSQL are not installed: true -> false",
    ),
    one(
        DATABASE,
        "performance_insights_enabled",
        ON,
        OFF,
        "weakens what the database does is recorded no more: true -> false",
    ),
    one(
        DATABASE,
        "performance_insights_retention_period",
        31,
        7,
        "weakens what the database did is kept for fewer days: 31 -> 7",
    ),
    one(DATABASE, "monitoring_interval", 15, 60, "weakens the database's host is watched less often: 15 -> 60"),
    one(
        DATABASE,
        "monitoring_role_arn",
        "arn:x:role/a",
        None,
        "weakens the database's host is watched no more: arn:x:role/a -> (none)",
    ),
    one(DATABASE, "ca_cert_identifier", "a", "b", "interrupts another authority signs its certificate: a -> b"),
    one(
        "aws_db_subnet_group", "subnet_ids", ["a"], ["a", "b"], "opens the database can be in other subnets: a -> b, a"
    ),
    *(
        one(
            "aws_s3_bucket_public_access_block",
            name,
            ON,
            OFF,
            f"opens {name}: the bucket can be made public: true -> false",
        )
        for name in ("block_public_acls", "ignore_public_acls", "restrict_public_buckets")
    ),
    ("aws_s3_bucket_ownership_controls", {"rule": []}, None, ["opens destroyed: access lists of objects count"]),
    one(
        "aws_ecr_repository",
        "image_tag_mutability",
        "IMMUTABLE",
        "MUTABLE",
        "weakens a tag can become another image: IMMUTABLE -> MUTABLE",
    ),
    one(
        "aws_ecr_repository",
        "image_scanning_configuration",
        [{"scan_on_push": True}],
        [{"scan_on_push": False}],
        "weakens images are scanned no more: true -> false",
    ),
    one(
        "aws_ecr_repository",
        "force_delete",
        OFF,
        ON,
        "weakens destroying the environment deletes all images: false -> true",
    ),
    one("aws_ecr_lifecycle_policy", "policy", "{}", '{"a": 1}', 'weakens other images are deleted: {} -> {"a": 1}'),
    one("aws_kms_key", "is_enabled", ON, OFF, "interrupts nothing that the key encrypts can be read: true -> false"),
    one(
        "aws_secretsmanager_secret",
        "replica",
        [],
        [{"region": "eu-west-2"}],
        'opens the secret is copied to another region: (none) -> [{"region": "eu-west-2"}]',
    ),
    one(
        "aws_secretsmanager_secret_policy",
        "policy",
        policy(allow("a:B")),
        policy(allow("a:*")),
        "opens the secret's policy allows more: a:B on * -> a:* on *",
    ),
    one(
        "aws_cloudwatch_log_group",
        "skip_destroy",
        ON,
        OFF,
        "weakens destroying the environment deletes the logs: true -> false",
    ),
    one("aws_cloudwatch_metric_alarm", "evaluation_periods", 3, 12, "weakens the alarm is raised later: 3 -> 12"),
    one("aws_cloudwatch_metric_alarm", "datapoints_to_alarm", 1, 3, "weakens the alarm is raised later: 1 -> 3"),
    one("aws_cloudwatch_metric_alarm", "period", 60, 300, "weakens the alarm is raised later: 60 -> 300"),
    one("aws_cloudwatch_metric_alarm", "metric_name", "A", "B", "weakens the alarm watches something else: A -> B"),
    one(
        "aws_cloudwatch_metric_alarm",
        "dimensions",
        {"a": "b"},
        {},
        'weakens the alarm watches something else: {"a": "b"} -> (none)',
    ),
    one(
        "aws_sns_topic",
        "policy",
        policy(allow("sns:Publish")),
        policy(allow("sns:*")),
        "opens the topic's policy allows more: sns:Publish on * -> sns:* on *",
    ),
    one("aws_sns_topic", "kms_master_key_id", "k", None, "weakens messages are stored without encryption: k -> (none)"),
    one("aws_sns_topic_subscription", "filter_policy", "a", "b", "weakens other alarms are told: a -> b"),
    one(
        "kubernetes_network_policy_v1",
        "spec.pod_selector",
        [{"match_labels": {"a": "b"}}],
        [],
        'opens it holds for other pods: [{"match_labels": {"a": "b"}}] -> (none)',
    ),
    one(
        "kubernetes_storage_class_v1",
        "parameters.kmsKeyId",
        *KEYS,
        "weakens another key encrypts new volumes: arn:x:key/1 -> arn:x:key/2",
    ),
    one(
        "kubernetes_resource_quota_v1",
        "spec.hard",
        {"pods": "1"},
        {"pods": "2"},
        'interrupts pods beyond the limits are not started: [{"hard": {"pods": "1"}}] -> [{"hard": {"pods": "2"}}]',
    ),
    one("helm_release", "chart", "airflow", "other", "opens another chart: airflow -> other"),
    one(
        "helm_release",
        "repository",
        "https://a",
        "https://b",
        "opens the chart comes from elsewhere: https://a -> https://b",
    ),
]
