"""What deploying changes in EKS, RDS, S3, Secrets Manager, KMS and CloudWatch: told apart by name, keys by tag."""

from __future__ import annotations

from constructs.delivery.reach import KEYS, Reach
from constructs.identity.policy import Statement

_CLUSTER = (
    *(f"eks:Create{what}" for what in ("AccessEntry", "Addon", "Nodegroup", "PodIdentityAssociation")),
    *(f"eks:Delete{what}" for what in ("AccessEntry", "Addon", "Cluster", "Nodegroup", "PodIdentityAssociation")),
    *(f"eks:Update{what}" for what in ("AccessEntry", "Addon", "ClusterConfig", "ClusterVersion", "NodegroupConfig")),
    *("eks:UpdateNodegroupVersion", "eks:UpdatePodIdentityAssociation"),
    *("eks:AssociateAccessPolicy", "eks:DisassociateAccessPolicy", "eks:TagResource", "eks:UntagResource"),
)
_DATABASE = (
    *("rds:AddTagsToResource", "rds:RemoveTagsFromResource", "rds:CreateDBSnapshot"),
    *(f"rds:Create{what}" for what in ("DBInstance", "DBParameterGroup", "DBSubnetGroup")),
    *(f"rds:Delete{what}" for what in ("DBInstance", "DBParameterGroup", "DBSubnetGroup")),
    *(f"rds:Modify{what}" for what in ("DBInstance", "DBParameterGroup", "DBSubnetGroup")),
    *("rds:RebootDBInstance", "rds:ResetDBParameterGroup"),
)
_SECRETS = (
    *("CreateSecret", "DeleteSecret", "PutSecretValue", "RestoreSecret", "TagResource", "UntagResource"),
    *("UpdateSecret", "UpdateSecretVersionStage"),
)
#: IAM's name of deleting a setting is that of putting it.
_BUCKET = (
    *("s3:CreateBucket", "s3:DeleteBucket", "s3:DeleteBucketPolicy"),
    *(f"s3:PutBucket{what}" for what in ("Acl", "OwnershipControls", "Policy", "PublicAccessBlock", "Tagging")),
    *("s3:PutBucketVersioning", "s3:PutEncryptionConfiguration", "s3:PutLifecycleConfiguration"),
)
_LOG_GROUPS = (
    *("AssociateKmsKey", "CreateLogGroup", "DeleteLogGroup", "DeleteRetentionPolicy", "DisassociateKmsKey"),
    *("PutRetentionPolicy", "TagResource", "UntagResource"),
)
_TOPIC = (
    *("CreateTopic", "DeleteTopic", "SetTopicAttributes", "Subscribe", "TagResource", "UntagResource"),
    "Unsubscribe",
)
_IMAGES = (
    *("CreateRepository", "DeleteLifecyclePolicy", "DeleteRepository", "PutImageScanningConfiguration"),
    *("PutImageTagMutability", "PutLifecyclePolicy", "TagResource", "UntagResource"),
)
_QUEUE = ("CreateQueue", "DeleteQueue", "SetQueueAttributes", "TagQueue", "UntagQueue")
_RULES = ("DeleteRule", "PutRule", "PutTargets", "RemoveTargets", "TagResource", "UntagResource")
_KEYS = (
    *("CancelKeyDeletion", "CreateAlias", "DeleteAlias", "EnableKey", "EnableKeyRotation", "PutKeyPolicy"),
    *("ScheduleKeyDeletion", "TagResource", "UntagResource", "UpdateAlias", "UpdateKeyDescription"),
)


def changing_services(reach: Reach) -> list[Statement]:
    """Return what makes, changes and deletes cluster, database, buckets, secrets, log groups and alarms."""
    names = reach.names
    alarms = ("DeleteAlarms", "PutMetricAlarm", "TagResource", "UntagResource")
    return [
        # EKS defines this one without a resource; the tags say whose the cluster is.
        Statement(sid="MakeCluster", actions=["eks:CreateCluster"], resources=["*"], conditions=reach.being_tagged),
        Statement(sid="ChangeCluster", actions=_CLUSTER, resources=reach.cluster),
        Statement(sid="ChangeDatabase", actions=_DATABASE, resources=reach.database),
        # Making an instance names an option group, which is RDS's default one.
        Statement(
            sid="MakeDatabase",
            actions=["rds:CreateDBInstance", "rds:ModifyDBInstance"],
            resources=[names.arn("rds", "og:default:*")],
        ),
        Statement(
            sid="ChangeSecrets", actions=[f"secretsmanager:{each}" for each in _SECRETS], resources=reach.secrets
        ),
        Statement(
            sid="EncryptSecrets",
            actions=["kms:GenerateDataKey"],
            resources=reach.keys,
            conditions=reach.tagged_through("secretsmanager"),
        ),
        *_log_bucket(reach),
        Statement(sid="ChangeLogGroups", actions=[f"logs:{each}" for each in _LOG_GROUPS], resources=names.log_groups),
        Statement(sid="ChangeAlarms", actions=[f"cloudwatch:{each}" for each in alarms], resources=reach.alarms),
        Statement(sid="ChangeAlarmTopic", actions=[f"sns:{each}" for each in _TOPIC], resources=reach.alarm_topic),
        *_images(reach),
        *_zone(reach),
    ]


def changing_interruptions(reach: Reach) -> list[Statement]:
    """Return what makes, changes and deletes the queue by which Karpenter hears of interruptions, and its rules."""
    if not reach.node_pools:
        return []
    return [
        Statement(sid="ChangeQueue", actions=[f"sqs:{each}" for each in _QUEUE], resources=reach.interruption_queue),
        Statement(sid="ChangeRules", actions=[f"events:{each}" for each in _RULES], resources=reach.interruption_rules),
    ]


def _log_bucket(reach: Reach) -> list[Statement]:
    statements = [Statement(sid="ChangeLogBucket", actions=_BUCKET, resources=reach.buckets)]
    if reach.empty_log_bucket:
        statements += [
            Statement(
                sid="DeleteLogs",
                actions=["s3:DeleteObject", "s3:DeleteObjectVersion"],
                resources=[f"{bucket}/*" for bucket in reach.buckets],
            ),
        ]
    return statements


def _images(reach: Reach) -> list[Statement]:
    if not reach.managed_images:
        return []
    return [
        Statement(sid="ChangeImages", actions=[f"ecr:{each}" for each in _IMAGES], resources=reach.image_repository)
    ]


def _zone(reach: Reach) -> list[Statement]:
    if not reach.hosted_zone_id or not reach.host_name:
        return []
    prefix, names = f"arn:{reach.names.partition}:route53:::", "route53:ChangeResourceRecordSetsNormalizedRecordNames"
    return [
        Statement(
            sid="ChangeRecord",
            actions=["route53:ChangeResourceRecordSets"],
            resources=[f"{prefix}hostedzone/{reach.hosted_zone_id}"],
            conditions={"ForAllValues:StringEquals": {names: [reach.host_name.lower()]}},
        ),
        Statement(sid="WaitForRecord", actions=["route53:GetChange"], resources=[f"{prefix}change/*"]),
    ]


def restoring_database(reach: Reach) -> list[Statement]:
    """Return what makes the database from one of its snapshots, or of the one that the file names."""
    return [
        Statement(
            sid="RestoreDatabase",
            actions=["rds:RestoreDBInstanceFromDBSnapshot"],
            resources=[*reach.database, reach.names.arn("rds", "og:default:*"), *reach.snapshots],
        ),
    ]


def changing_keys(reach: Reach) -> list[Statement]:
    """Return what makes keys, uses them for AWS's services and deletes them."""
    services = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    named = [
        Statement(
            sid="LetServicesUseNamedKeys",
            actions=["kms:CreateGrant"],
            resources=reach.kms_key_arns,
            conditions=services,
        ),
        Statement(sid="SeeNamedKeys", actions=["kms:DescribeKey"], resources=reach.kms_key_arns),
    ]
    # ECR gives back the grant that it has made, in the name of who deletes the repository (ECR user guide,
    # "Encryption at rest", required IAM permissions).
    images = Statement(
        sid="LetImagesGiveKeysBack",
        actions=["kms:RetireGrant"],
        resources=reach.keys,
        conditions=reach.tagged_through("ecr"),
    )
    return [
        # KMS defines this one without a resource; the tags say whose the key is.
        Statement(sid="MakeKeys", actions=["kms:CreateKey"], resources=["*"], conditions=reach.being_tagged),
        # A key that is being made has no tags yet. Untagged keys of others pass, too (docs/bootstrap.md).
        Statement(
            sid="TagKeysBeingMade",
            actions=["kms:TagResource"],
            resources=reach.keys,
            conditions={
                **reach.being_tagged_as([f"aws_kms_key.{key}" for key in KEYS]),
                "Null": {"aws:ResourceTag/Project": "true"},
            },
        ),
        Statement(
            sid="ChangeKeys",
            actions=[f"kms:{each}" for each in _KEYS],
            resources=reach.keys,
            conditions=reach.tagged,
        ),
        Statement(
            sid="NameKeys",
            actions=["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"],
            resources=reach.aliases,
        ),
        Statement(
            sid="LetServicesUseKeys",
            actions=["kms:CreateGrant"],
            resources=reach.keys,
            conditions={**reach.tagged, **services},
        ),
        *(named if reach.kms_key_arns else []),
        *([images] if reach.managed_images else []),
        # Whatever tags they have or get.
        Statement(
            sid="NotTheseKeys",
            effect="Deny",
            actions=[f"kms:{each}" for each in _KEYS if "Alias" not in each],
            resources=reach.protected_keys,
        ),
    ]
