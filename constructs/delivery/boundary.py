"""The ceiling of the roles that workflows make."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.iam_policy import IamPolicy
from constructs.cluster.karpenter_permissions import KarpenterPermissions
from constructs.cluster.load_balancer_controller import CLUSTER_TAG
from constructs.delivery.reach import Reach
from constructs.identity.policy import Statement, policy_document
from constructs.naming.component import Component, Scope
from constructs.naming.names import SECRETS_BACKEND, Names

# What AWS's policies for control plane, nodes, network and volumes, and the load balancer controller's, allow. A test
# compares this with them. Patterns spare room, of which a boundary has little.
_EC2 = (
    *("ec2:*NetworkInterface", "ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"),
    *("ec2:ModifyNetworkInterfaceAttribute", "ec2:*Volume", "ec2:CopyVolumes", "ec2:CreateSnapshot"),
    *("ec2:DeleteSnapshot", "ec2:EnableFastSnapshotRestores", "ec2:LockSnapshot", "ec2:CreateSecurityGroup"),
    *("ec2:CreateTags", "ec2:DeleteTags"),
)
_GROUPS = ("ec2:*SecurityGroupIngress", "ec2:DeleteSecurityGroup")
# What they ask; not all that EC2 tells: not what instances start with, print and are logged in to with, nor the keys of
# VPNs.
_EC2_READ = (
    *("ec2:DescribeA*", "ec2:DescribeDhcpOptions", "ec2:DescribeInstanceT*", "ec2:DescribeInstances"),
    *("ec2:DescribeInternetGateways", "ec2:DescribeNetworkInterfaces", "ec2:DescribeRouteTables"),
    *("ec2:DescribeSecurityGroups", "ec2:DescribeSnapshots", "ec2:DescribeSubnets", "ec2:DescribeTags"),
    *("ec2:DescribeVolume*", "ec2:DescribeVpc*", "ec2:GetSecurityGroupsForVpc"),
)
_REGIONAL = (
    *("acm:DescribeCertificate", "acm:ListCertificates", "autoscaling:DescribeAutoScalingGroups"),
    *("autoscaling:UpdateAutoScalingGroup", "elasticloadbalancing:*"),
    *("ecr:BatchGetImage", "ecr:BatchImportUpstreamImage", "ecr:GetAuthorizationToken", "ecr:GetDownloadUrlForLayer"),
)
_WEB_ACL = ("wafv2:*ssociateWebACL", "wafv2:GetWeb*")
_KEYS = ("Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey*", "ListGrants", "ReEncrypt*")
# Told apart by tags, here or in the policies of the role for applying; security groups are by others' tags.
_TOLD_APART = ("elastic-ip", "instance", "launch-template", "*gateway", "route-table", "subnet", "vpc*")


class Boundary(Component):
    """A permissions boundary: it grants nothing, and nobody who has it does more than the project's own roles need.

    Beyond that Airflow's pods may do what the environment file names (`delivery.pod_actions`).
    """

    def __init__(self, scope: Scope, id_: str, reach: Reach) -> None:
        super().__init__(scope, id_)
        policy = self.add(
            IamPolicy,
            "boundary",
            name=self.names.of("boundary"),
            description="The most that a role of the environment may do",
            policy=policy_document(*statements(reach)),
        )
        self.arn: str = policy.arn


class KarpenterBoundary(Component):
    """The boundary of Karpenter's role alone: no other role that workflows make may start an instance."""

    def __init__(self, scope: Scope, id_: str, reach: Reach) -> None:
        super().__init__(scope, id_)
        names = self.names
        permissions = KarpenterPermissions(
            names=names,
            node_role_arn=names.iam(f"role/{names.karpenter_node}"),
            queue_arn=names.arn("sqs", names.karpenter_queue),
            uses_spot=reach.spot_pools,
            volume_kms_key_arn=reach.node_volume_kms_key_arn,
        )
        self.add(
            IamPolicy,
            "boundary_karpenter",
            name=names.of("boundary", "karpenter"),
            description="The most that the role of Karpenter may do",
            policy=policy_document(*permissions.statements()),
        )


def statements(reach: Reach) -> list[Statement]:
    """Return the boundary's statements."""
    names = reach.names
    linked = names.iam("role/aws-service-role/elasticloadbalancing.amazonaws.com/*")
    secrets = [names.arn("secretsmanager", f"secret:{names.secret(kind)}/*") for kind in SECRETS_BACKEND]
    return [
        Statement(
            sid="ClusterAndNodes",
            actions=[*_EC2, *_GROUPS, *_EC2_READ, *_REGIONAL, *(_WEB_ACL if reach.waf else ())],
            resources=["*"],
            conditions={"StringEquals": {"aws:RequestedRegion": names.region}},
        ),
        # The first changes what an instance runs. Which groups and volumes it gets, is asked as well.
        Statement(
            sid="Own",
            actions=["ec2:ModifyInstanceAttribute", "ec2:CreateRoute", "ec2:DeleteRoute"],
            resources=reach.ec2("instance", "route-table"),
            conditions=reach.tagged,
        ),
        Statement(
            sid="OfNodes", actions=["ec2:ModifyInstanceAttribute"], resources=reach.ec2("security-group", "volume")
        ),
        _others_groups(names),
        # Tags say what the role for applying may change: no role that it makes gives them to others' objects.
        Statement(
            sid="NotTheTags",
            effect="Deny",
            actions=["ec2:CreateTags", "ec2:DeleteTags"],
            resources=_anywhere(names, *_TOLD_APART),
            conditions={
                "ForAnyValue:StringEqualsIgnoreCase": {"aws:TagKeys": ["project", "environment", "stack"]},
                "Null": {"ec2:CreateAction": "true"},
            },
        ),
        Statement(
            sid="OwnCluster",
            actions=["eks:DescribeCluster", "eks-auth:AssumeRoleForPodIdentity"],
            resources=[names.cluster_arn],
        ),
        Statement(sid="LinkedRole", actions=["iam:CreateServiceLinkedRole"], resources=[linked]),
        Statement(sid="Keys", actions=[f"kms:{each}" for each in _KEYS], resources=reach.keys),
        Statement(
            sid="KeysForServices",
            actions=["kms:CreateGrant"],
            resources=reach.keys,
            conditions={"Bool": {"kms:GrantIsForAWSResource": "true"}},
        ),
        Statement(
            sid="TaskLogs",
            actions=["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:ListBucket"],
            resources=[reach.log_bucket, f"{reach.log_bucket}/*"],
        ),
        Statement(sid="Secrets", actions=["secretsmanager:GetSecretValue"], resources=secrets),
        Statement(
            sid="Logs",
            actions=[
                *("logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:GetLogEvents"),
                *("logs:PutLogEvents", "logs:PutRetentionPolicy"),
            ],
            # RDS's own group of enhanced monitoring is one for the whole account.
            resources=[names.arn("logs", f"log-group:/{names.prefix}/*"), names.arn("logs", "log-group:RDS*")],
        ),
        Statement(sid="FindLogs", actions=["logs:DescribeLogGroups"], resources=[names.arn("logs", "log-group:*")]),
        *_pods(reach),
    ]


def _others_groups(names: Names) -> Statement:
    """Deny changes of groups but the cluster's: EKS's own, and those that its controllers make, tagged from the start.

    Who could give these tags to another group could open that, too.
    """
    return Statement(
        sid="NotOthersGroups",
        effect="Deny",
        actions=[*_GROUPS, "ec2:CreateTags", "ec2:DeleteTags"],
        resources=_anywhere(names, "security-group"),
        conditions={
            "StringNotEquals": {
                f"aws:ResourceTag/{CLUSTER_TAG}": names.prefix,
                f"aws:ResourceTag/kubernetes.io/cluster/{names.prefix}": "owned",
            },
            "Null": {"ec2:CreateAction": "true"},
        },
    )


def _anywhere(names: Names, *types: str) -> list[str]:
    """What is denied of all objects of some types: short, as the length of a boundary is limited."""
    return [f"arn:{names.partition}:ec2:*:*:{kind}/*" for kind in types]


def _pods(reach: Reach) -> list[Statement]:
    if not reach.pod_actions:
        return []
    return [
        Statement(sid="Pods", actions=reach.pod_actions, resources=["*"]),
        # `s3:*` among them doesn't mean the state, whose reader is as good as the administrator of the environment.
        Statement(
            sid="NotTheState",
            effect="Deny",
            actions=["s3:*"],
            resources=[reach.state_bucket_arn, f"{reach.state_bucket_arn}/*"],
        ),
    ]
