"""What planning reads: every call of Terraform's refresh, and of the commands that look at an environment."""

from __future__ import annotations

from collections.abc import Sequence

from constructs.delivery.reach import Reach
from constructs.identity.policy import Statement

#: Actions that AWS defines without a resource (Service Authorization Reference); all of them read.
WITHOUT_RESOURCE = (
    *(f"ec2:Describe{what}" for what in ("AccountAttributes", "Addresses", "AddressesAttribute", "AvailabilityZones")),
    *(f"ec2:Describe{what}" for what in ("FlowLogs", "Images", "Instances", "InstanceTypes", "InternetGateways")),
    *(f"ec2:Describe{what}" for what in ("LaunchTemplates", "LaunchTemplateVersions", "NatGateways", "NetworkAcls")),
    *(f"ec2:Describe{what}" for what in ("NetworkInterfaces", "PrefixLists", "RouteTables", "SecurityGroups")),
    *(f"ec2:Describe{what}" for what in ("SecurityGroupRules", "Subnets", "Tags", "Volumes")),
    *(f"ec2:Describe{what}" for what in ("VpcEndpoints", "VpcPeeringConnections", "Vpcs")),
    *(f"elasticloadbalancing:Describe{what}" for what in ("LoadBalancers", "Tags", "TargetGroups")),
    *("autoscaling:DescribeAutoScalingGroups", "ec2:GetEbsDefaultKmsKeyId"),
    *("eks:DescribeAddonVersions", "eks:DescribeClusterVersions", "eks:ListClusters"),
    "iam:ListRoles",
    *("kms:ListAliases", "kms:ListKeys"),
    "rds:DescribeDBEngineVersions",
    "s3:ListAllMyBuckets",
    *("secretsmanager:GetRandomPassword", "secretsmanager:ListSecrets"),
    *("servicequotas:GetAWSDefaultServiceQuota", "servicequotas:GetServiceQuota", "servicequotas:ListServiceQuotas"),
    "tag:GetResources",
)

_BUCKET = (
    *("AccelerateConfiguration", "BucketAcl", "BucketCORS", "BucketLocation", "BucketLogging"),
    *("BucketObjectLockConfiguration", "BucketOwnershipControls", "BucketPolicy", "BucketPublicAccessBlock"),
    *("BucketRequestPayment", "BucketTagging", "BucketVersioning", "BucketWebsite", "EncryptionConfiguration"),
    *("LifecycleConfiguration", "ReplicationConfiguration"),
)
_CLUSTER = (
    *(f"eks:Describe{what}" for what in ("AccessEntry", "Addon", "Cluster", "Nodegroup", "PodIdentityAssociation")),
    *(f"eks:List{what}" for what in ("AccessEntries", "Addons", "AssociatedAccessPolicies", "Nodegroups", "Updates")),
    *("eks:DescribeUpdate", "eks:ListPodIdentityAssociations", "eks:ListTagsForResource"),
)
_DATABASE = (
    *(f"rds:DescribeDB{what}" for what in ("Instances", "ParameterGroups", "Parameters", "Snapshots", "SubnetGroups")),
    *("rds:DescribePendingMaintenanceActions", "rds:ListTagsForResource"),
)
_TOPIC = (
    *("sns:GetSubscriptionAttributes", "sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic"),
    "sns:ListTagsForResource",
)
_ROLES = (
    *("iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListInstanceProfilesForRole"),
    *("iam:ListRolePolicies", "iam:ListRoleTags"),
)


def reading(reach: Reach) -> list[Statement]:
    """Return what reads the environment, its secrets included: Terraform opens them while it plans."""
    names = reach.names
    return [
        Statement(sid="ReadWithoutResource", actions=WITHOUT_RESOURCE, resources=["*"]),
        Statement(sid="ReadVpc", actions=["ec2:DescribeVpcAttribute"], resources=reach.ec2("vpc")),
        Statement(sid="ReadCluster", actions=_CLUSTER, resources=reach.cluster),
        # RDS, CloudWatch and Logs ask for a list as for all that could be in it, before any filter.
        Statement(sid="ReadDatabase", actions=_DATABASE, resources=[names.arn("rds", "*")]),
        Statement(
            sid="ReadAlarms",
            actions=["cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource"],
            resources=[names.arn("cloudwatch", "alarm:*")],
        ),
        Statement(sid="ReadAlarmTopic", actions=_TOPIC, resources=reach.alarm_topic),
        Statement(
            sid="ReadLogGroups",
            actions=["logs:DescribeLogGroups", "logs:ListTagsForResource"],
            resources=[names.arn("logs", "log-group:*")],
        ),
        Statement(
            sid="ReadLogBucket",
            actions=[*(f"s3:Get{what}" for what in _BUCKET), "s3:ListBucket", "s3:ListBucketVersions"],
            resources=reach.buckets,
        ),
        # Whose a key is, is asked of all keys of the account: `ops recover` looks for those that no state knows.
        Statement(sid="FindKeys", actions=["kms:DescribeKey", "kms:ListResourceTags"], resources=reach.keys),
        Statement(
            sid="ReadKeys",
            actions=["kms:GetKeyPolicy", "kms:GetKeyRotationStatus"],
            resources=reach.keys,
            conditions=reach.tagged,
        ),
        *_secrets(reach),
        *(_of_pools(reach) if reach.node_pools else []),
        *(_of_images(reach) if reach.managed_images else []),
        *_web(reach),
    ]


def reading_roles(reach: Reach) -> list[Statement]:
    """Return what reads the environment's own roles, each by its name: there are too many for the policy above."""
    profile = Statement(
        sid="ReadInstanceProfile", actions=["iam:GetInstanceProfile"], resources=reach.instance_profiles
    )
    return [
        Statement(sid="ReadRoles", actions=_ROLES, resources=[*reach.roles, *reach.karpenter_roles]),
        *([profile] if reach.node_pools else []),
    ]


def _of_images(reach: Reach) -> list[Statement]:
    # The preflight looks whether the image is there, and for the nodes; a destroy, whether there are any.
    looking = ("BatchGetImage", "GetDownloadUrlForLayer", "ListImages")
    read = ("DescribeRepositories", "GetLifecyclePolicy", "ListTagsForResource")
    actions = [f"ecr:{each}" for each in (*read, *looking)]
    return [Statement(sid="ReadOwnImages", actions=actions, resources=reach.image_repository)]


def _of_pools(reach: Reach) -> list[Statement]:
    queue = ("GetQueueAttributes", "GetQueueUrl", "ListQueueTags")
    images = f"arn:{reach.names.partition}:ssm:{reach.names.region}::parameter/aws/service/*"
    rules = ("DescribeRule", "ListTagsForResource", "ListTargetsByRule")
    return [
        Statement(sid="ReadQueue", actions=[f"sqs:{each}" for each in queue], resources=reach.interruption_queue),
        # Which machine images there are, for the preflight.
        Statement(sid="ReadImages", actions=["ssm:GetParameters"], resources=[images]),
        Statement(sid="ReadRules", actions=[f"events:{each}" for each in rules], resources=reach.interruption_rules),
    ]


def _secrets(reach: Reach) -> list[Statement]:
    read = ("DescribeSecret", "GetResourcePolicy", "GetSecretValue", "ListSecretVersionIds")
    given = Statement(sid="ReadGivenSecrets", actions=["secretsmanager:GetSecretValue"], resources=reach.given_secrets)
    return [
        *([given] if reach.given_secrets else []),
        Statement(
            sid="ReadSecrets",
            actions=[f"secretsmanager:{operation}" for operation in read],
            resources=reach.readable_secrets,
        ),
        Statement(
            sid="ReadSecretsKey",
            actions=["kms:Decrypt"],
            resources=reach.keys,
            conditions=reach.tagged_through("secretsmanager"),
        ),
    ]


def _web(reach: Reach) -> list[Statement]:
    statements = []
    if reach.certificate_arns:
        actions: Sequence[str] = ["acm:DescribeCertificate"]
        # The names of many have no room in a policy.
        several = [reach.names.arn("acm", "certificate/*")]
        resources = reach.certificate_arns if len(reach.certificate_arns) == 1 else several
        statements.append(Statement(sid="ReadCertificate", actions=actions, resources=resources))
    if reach.hosted_zone_id:
        zone = f"arn:{reach.names.partition}:route53:::hostedzone/{reach.hosted_zone_id}"
        actions = ["route53:GetHostedZone", "route53:ListResourceRecordSets"]
        statements.append(Statement(sid="ReadZone", actions=actions, resources=[zone]))
    return statements
