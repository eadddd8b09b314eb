"""Permissions of Karpenter's controller."""

from __future__ import annotations

from dataclasses import dataclass

from constructs.cluster import volume_key
from constructs.cluster.karpenter_names import POOL_TAG
from constructs.identity.policy import Statement
from constructs.naming.names import Names

#: Tags that it changes on its instances once they run.
_LATER_TAGS = ("eks:eks-cluster-name", "karpenter.sh/nodeclaim", "Name")
_MADE = ("fleet", "instance", "volume", "network-interface", "launch-template", "spot-instances-request")
_SPOT = "spot.amazonaws.com"


@dataclass(frozen=True, kw_only=True)
class KarpenterPermissions:
    """What the controller may do, after the policies that Karpenter 1.14 publishes (`cloudformation.yaml`).

    Narrower than those: this account's subnets and security groups only, no capacity reservations and placement groups,
    and instance profiles are only looked at. Terraform makes the one that there is; Karpenter looks for its own before
    it lets go of an EC2NodeClass. Wider, where it applies: the service-linked role of spot, without which the first
    spot node of an account is refused, and the key of the nodes' volumes.
    """

    names: Names
    node_role_arn: str
    queue_arn: str
    uses_spot: bool
    volume_kms_key_arn: str | None

    def statements(self) -> list[Statement]:
        """Return the statements of the controller's policy."""
        return [
            *self._starting(),
            *self._tagging(),
            Statement(
                sid="DeleteOwn",
                actions=["ec2:TerminateInstances", "ec2:DeleteLaunchTemplate"],
                resources=self._ec2("instance", "launch-template"),
                conditions=self._owned,
            ),
            Statement(
                sid="HandOverNodeRole",
                actions=["iam:PassRole"],
                resources=[self.node_role_arn],
                conditions={"StringEquals": {"iam:PassedToService": self._ec2_service}},
            ),
            Statement(
                sid="HearOfInterruptions",
                actions=["sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"],
                resources=[self.queue_arn],
            ),
            *self._reading(),
            *(self._first_spot_node() if self.uses_spot else []),
            *(volume_key.statements(self.names, self.volume_kms_key_arn) if self.volume_kms_key_arn else []),
        ]

    @property
    def _ec2_service(self) -> str:
        return "ec2.amazonaws.com.cn" if self.names.partition == "aws-cn" else "ec2.amazonaws.com"

    @property
    def _cluster_tag(self) -> str:
        return f"kubernetes.io/cluster/{self.names.prefix}"

    @property
    def _owned(self) -> dict[str, dict[str, str]]:
        return {
            "StringEquals": {f"aws:ResourceTag/{self._cluster_tag}": "owned"},
            "StringLike": {f"aws:ResourceTag/{POOL_TAG}": "*"},
        }

    @property
    def _becomes_owned(self) -> dict[str, dict[str, str]]:
        return {
            "StringEquals": {
                f"aws:RequestTag/{self._cluster_tag}": "owned",
                "aws:RequestTag/eks:eks-cluster-name": self.names.prefix,
            },
            "StringLike": {f"aws:RequestTag/{POOL_TAG}": "*"},
        }

    def _ec2(self, *types: str) -> list[str]:
        return [self.names.arn("ec2", f"{kind}/*") for kind in types]

    def _starting(self) -> list[Statement]:
        start = ["ec2:RunInstances", "ec2:CreateFleet"]
        of_amazon = [f"arn:{self.names.partition}:ec2:{self.names.region}::{kind}/*" for kind in ("image", "snapshot")]
        return [
            Statement(sid="StartFrom", actions=start, resources=[*of_amazon, *self._ec2("security-group", "subnet")]),
            Statement(
                sid="StartFromOwnTemplates",
                actions=start,
                resources=self._ec2("launch-template"),
                conditions=self._owned,
            ),
            Statement(
                sid="Start",
                actions=[*start, "ec2:CreateLaunchTemplate"],
                resources=self._ec2(*_MADE),
                conditions=self._becomes_owned,
            ),
        ]

    def _tagging(self) -> list[Statement]:
        making = ["RunInstances", "CreateFleet", "CreateLaunchTemplate"]
        becomes = self._becomes_owned
        return [
            Statement(
                sid="TagWhatIsMade",
                actions=["ec2:CreateTags"],
                resources=self._ec2(*_MADE),
                conditions={**becomes, "StringEquals": {**becomes["StringEquals"], "ec2:CreateAction": making}},
            ),
            Statement(
                sid="NameOwnInstances",
                actions=["ec2:CreateTags"],
                resources=self._ec2("instance"),
                conditions={
                    **self._owned,
                    "StringEqualsIfExists": {"aws:RequestTag/eks:eks-cluster-name": self.names.prefix},
                    "ForAllValues:StringEquals": {"aws:TagKeys": _LATER_TAGS},
                },
            ),
        ]

    def _reading(self) -> list[Statement]:
        """Describe calls; AWS knows no narrower resource for them but the parameters'."""
        described = (
            "CapacityReservations Images Instances InstanceStatus InstanceTypeOfferings InstanceTypes LaunchTemplates "
            "PlacementGroups SecurityGroups SpotPriceHistory Subnets"
        )
        parameters = f"arn:{self.names.partition}:ssm:{self.names.region}::parameter/aws/service/*"
        return [
            Statement(
                sid="ReadRegion",
                actions=[f"ec2:Describe{what}" for what in described.split()],
                resources=["*"],
                conditions={"StringEquals": {"aws:RequestedRegion": self.names.region}},
            ),
            Statement(sid="ReadOther", actions=["pricing:GetProducts", "iam:ListInstanceProfiles"], resources=["*"]),
            Statement(sid="FindImages", actions=["ssm:GetParameter"], resources=[parameters]),
            Statement(
                sid="LookForProfiles",
                actions=["iam:GetInstanceProfile"],
                resources=[self.names.iam("instance-profile/*")],
            ),
            Statement(sid="ReadCluster", actions=["eks:DescribeCluster"], resources=[self.names.cluster_arn]),
        ]

    def _first_spot_node(self) -> list[Statement]:
        return [
            Statement(
                sid="ServiceLinkedRole",
                actions=["iam:CreateServiceLinkedRole"],
                resources=[self.names.iam(f"role/aws-service-role/{_SPOT}/*")],
                conditions={"StringEquals": {"iam:AWSServiceName": _SPOT}},
            )
        ]
