"""Section `cluster`: the EKS control plane, who may use it, its add-ons and its nodes."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network
from typing import Annotated, Literal

from constructs.providers.newer_arguments import SINCE
from constructs.settings.sections.node_groups import NodeGroupName, NodeGroupSettings
from constructs.settings.sections.node_pools import (
    NodePools,
    NodePoolSettings,
    refuse_karpenters_tags,
    refuse_names_of_groups,
)
from constructs.settings.sections.pods import PodsSettings
from constructs.settings.values import facts
from constructs.settings.values.arns import KmsKeyArn, PrincipalArn
from constructs.settings.values.logs import LogRetention
from constructs.settings.values.ranges import PRIVATE, SHORTEST_NAMED_PREFIX, Cidr, refuse_overlap, refuse_slices
from constructs.settings.values.section import Section
from constructs.settings.values.shapes import Count, Shape, mistake
from constructs.settings.values.versions import KubernetesVersion
from constructs.versions.table import order, proven
from pydantic import AfterValidator, Field, ValidationInfo, field_validator

ControlPlaneLog = Literal["api", "audit", "authenticator", "controllerManager", "scheduler"]
AddonName = Literal[
    "vpc-cni", "kube-proxy", "eks-pod-identity-agent", "coredns", "aws-ebs-csi-driver", "metrics-server"
]
AddonVersion = Annotated[
    str,
    Shape(
        r"v[0-9]+\.[0-9]+\.[0-9]+-eksbuild\.[0-9]+",
        allowed="the version of an EKS add-on, such as v1.20.4-eksbuild.2",
        fix="copy a version from: aws eks describe-addon-versions --addon-name ...",
        longest=60,
    ),
]


def _refuse_open(cidr: str) -> str:
    if facts.known().open_to_the_internet is False and IPv4Network(cidr).prefixlen < SHORTEST_NAMED_PREFIX:
        raise mistake(
            allowed=f"a range of /{SHORTEST_NAMED_PREFIX} or smaller; a larger one only where "
            "cluster.endpoint.open_to_the_internet: true says so",
            fix="name your own range, such as 203.0.113.0/24; or add open_to_the_internet: true",
            note="open to the Internet",
        )
    return cidr


def _refuse_private(cidr: str) -> str:
    if any(IPv4Network(cidr).subnet_of(private) for private in PRIVATE):
        raise mistake(
            allowed="public addresses: what comes over the Internet never comes from private ones",
            fix="name the public address that your network leaves by; curl https://checkip.amazonaws.com shows it",
            note="private addresses",
        )
    return cidr


ApiClientRange = Annotated[
    str, Cidr(0, 32, example="203.0.113.0/24"), AfterValidator(_refuse_open), AfterValidator(_refuse_private)
]


class EndpointSettings(Section):
    """From where the Kubernetes API answers."""

    public_access: bool = Field(
        default=True,
        description="The API answers on the Internet, for public_access_cidrs only. "
        "false: it answers inside the cluster's VPC only, so deploy from there.",
    )
    private_access: bool = Field(
        default=True, description="The API answers inside the cluster's VPC. Must be true: the nodes use it."
    )
    open_to_the_internet: bool = Field(
        default=False,
        description="true allows 0.0.0.0/0 and other ranges larger than a /8 in public_access_cidrs.",
    )
    public_access_cidrs: Annotated[tuple[ApiClientRange, ...], Count(0, 40, "ranges")] = Field(
        default=(),
        description="IPv4 ranges from which the API can be reached: your office, VPN, CI. At least one while "
        "public_access is true, none otherwise; at most 40. Public addresses.",
    )

    @field_validator("open_to_the_internet")
    @classmethod
    def _note(cls, said: bool) -> bool:  # noqa: FBT001 - pydantic's signature
        facts.note("open_to_the_internet", said)
        return said

    @field_validator("private_access")
    @classmethod
    def _is_reachable(cls, private: bool, info: ValidationInfo) -> bool:  # noqa: FBT001 - pydantic's signature
        if private:
            return private
        if info.data.get("public_access") is False:
            raise mistake(
                allowed="true: with neither public nor private access nothing reaches the Kubernetes API",
                fix="set cluster.endpoint.private_access: true",
                note="the endpoint is unreachable",
            )
        raise mistake(allowed="true: the nodes reach the API this way", fix="remove the key, or set it to true")

    @field_validator("public_access_cidrs")
    @classmethod
    def _suit_public_access(cls, cidrs: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if info.data.get("open_to_the_internet") is False:
            refuse_slices(cidrs, setting="cluster.endpoint.open_to_the_internet")
        public = info.data.get("public_access")
        if public is True and not cidrs:
            raise mistake(
                allowed="at least one range while cluster.endpoint.public_access is true",
                fix="name your own range, such as [203.0.113.0/24], or set public_access: false",
            )
        if public is False and cidrs:
            raise mistake(
                allowed="no range while cluster.endpoint.public_access is false",
                fix="remove the ranges, or set public_access: true",
            )
        return cidrs


class ClusterSettings(Section):
    """An EKS cluster with managed node groups and, where asked for, node pools of Karpenter's."""

    kubernetes_version: KubernetesVersion = Field(
        default=proven("kubernetes"),
        description="Kubernetes version, in quotes; `python -m ops status` shows until when it is supported. Upgrades "
        "go one minor version at a time; the last one can be taken back within seven days (docs/upgrades.md).",
    )
    service_cidr: Annotated[str, Cidr(12, 24, PRIVATE, "172.20.0.0/16")] = Field(
        default="172.20.0.0/16",
        description="IPv4 range of Kubernetes services, /12 to /24, private addresses; overlaps neither VPC. "
        "Cannot be changed without replacing the cluster.",
    )
    endpoint: EndpointSettings = Field(
        description="Who reaches the Kubernetes API: over the Internet from public_access_cidrs, or "
        "from inside the VPC only (public_access: false)."
    )
    administrators: Annotated[tuple[PrincipalArn, ...], Count(1, 50, "IAM roles or users")] = Field(
        description="ARNs of the IAM roles or users of this account that administrate the cluster; at least one. "
        "Whoever deploys the platform stack must be among them."
    )
    control_plane_logs: Annotated[tuple[ControlPlaneLog, ...], Count(0, 5, "logs")] = Field(
        default=("api", "audit", "authenticator", "controllerManager", "scheduler"),
        description="Logs of the control plane that CloudWatch Logs receives; paid by volume.",
    )
    log_retention_days: LogRetention = Field(
        default=90, description="How long CloudWatch Logs keeps the control plane's logs, in days."
    )
    upgrade_support: Literal["standard", "extended"] = Field(
        default="standard",
        description="When the version's standard support ends: `standard` upgrades by itself, "
        "`extended` stays up to a year longer at six times the hourly price of the cluster.",
    )
    addons: Mapping[AddonName, AddonVersion] = Field(
        default={},
        description="Add-ons held at a version (vpc-cni: v1.20.4-eksbuild.2). "
        "One that is not named follows EKS's default for the Kubernetes version.",
    )
    node_volume_kms_key_arn: KmsKeyArn | None = Field(
        default=None,
        description="ARN of the KMS key for the nodes' volumes, of this account and region; its policy must let Auto "
        "Scaling use it. Default: the account's key for EBS.",
    )
    roll_nodes_on_tag_change: bool = Field(
        default=False,
        description="true: a change of `tags` replaces all nodes, a third of them at a time, so that they, their "
        "volumes and network interfaces carry the new ones. false: nodes keep the tags that their group was made "
        "with, and so do those that it starts later.",
    )
    deletion_protection: bool | None = Field(
        default=None,
        description="true: EKS refuses to delete the cluster, whoever asks; needs providers.aws 6.13.0 or newer. "
        "false: that is taken back. Default: left as it is in EKS, off unless somebody has switched it on.",
    )
    pods: PodsSettings = Field(
        default_factory=PodsSettings, description="Addresses of pods, and so how many a node may have."
    )
    allow_replacement: bool = Field(
        default=False,
        description="true: a change that replaces the cluster, and all that runs on it, is carried out. "
        "false: it is refused when it is planned.",
    )
    node_groups: Annotated[Mapping[NodeGroupName, NodeGroupSettings], Count(1, 20, "node groups")] = Field(
        description="Managed node groups by name: 1 to 20 lower-case letters, digits and hyphens."
    )
    node_pools: NodePools = Field(
        default={},
        description="Node pools by name, as node groups are called: nodes that Karpenter starts when pods wait, and "
        "takes away again. Its controller runs on the node groups. Default: none, and no Karpenter.",
    )

    @property
    def nodes(self) -> Mapping[str, NodeGroupSettings | NodePoolSettings]:
        """Node groups and node pools by name; no two are called alike."""
        return {**self.node_groups, **self.node_pools}

    @field_validator("service_cidr")
    @classmethod
    def _is_apart(cls, cidr: str) -> str:
        known = facts.known()
        refuse_overlap(
            cidr,
            {
                "network.cluster_vpc_cidr": known.cluster_vpc_cidr,
                "network.database_vpc_cidr": known.database_vpc_cidr,
            },
        )
        return cidr

    @field_validator("deletion_protection")
    @classmethod
    def _is_known_to_the_provider(cls, protected: bool | None) -> bool | None:  # noqa: FBT001 - pydantic's signature
        demanded = facts.known().aws_provider
        if protected is None or demanded is None:
            return protected
        if order(demanded) < SINCE["aws_eks_cluster"]["deletion_protection"]:
            raise mistake(
                allowed="nothing with this AWS provider: it does not know the argument; providers.aws 6.13.0 or newer "
                "does",
                fix='remove the key, or write providers: {aws: "6.25.0"}: there is no way back from it to 5.x',
                note=f"providers.aws is {demanded}",
            )
        return protected

    @field_validator("node_groups")
    @classmethod
    def _start_with_a_node(cls, groups: Mapping[str, NodeGroupSettings]) -> Mapping[str, NodeGroupSettings]:
        if not any(group.min_size and not group.repels_pods for group in groups.values()):
            raise mistake(
                allowed="at least one node group with min_size 1 or more and no taint NO_SCHEDULE or NO_EXECUTE: the "
                "add-ons start on it",
                fix="set min_size: 1 or more in a group without such taints",
                note="every group has min_size 0 or such a taint",
            )
        known = {name: facts.NodeGroup(is_spot=group.is_spot) for name, group in groups.items()}
        facts.note("node_groups", known)
        return groups

    @field_validator("node_pools")
    @classmethod
    def _are_no_groups(
        cls, pools: Mapping[str, NodePoolSettings], info: ValidationInfo
    ) -> Mapping[str, NodePoolSettings]:
        refuse_names_of_groups(pools, info.data.get("node_groups", {}))
        if pools:
            refuse_karpenters_tags(facts.known().tag_keys or ())
        facts.note("node_pools", {name: facts.NodeGroup(is_spot=pool.is_spot) for name, pool in pools.items()})
        return pools
