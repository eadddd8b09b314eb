"""Managed node groups."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from cdktf import ITerraformDependable, TerraformResourceLifecycle, TerraformStack
from cdktf_cdktf_provider_aws.eks_node_group import (
    EksNodeGroup,
    EksNodeGroupLaunchTemplate,
    EksNodeGroupNodeRepairConfig,
    EksNodeGroupScalingConfig,
    EksNodeGroupTaint,
    EksNodeGroupUpdateConfig,
)
from cdktf_cdktf_provider_aws.launch_template import (
    LaunchTemplate,
    LaunchTemplateBlockDeviceMappings,
    LaunchTemplateBlockDeviceMappingsEbs,
    LaunchTemplateMetadataOptions,
    LaunchTemplateMonitoring,
    LaunchTemplateTagSpecifications,
)
from constructs.cluster.control_plane import ControlPlane
from constructs.identity.service_role import ServiceRole, ServiceRoleProps
from constructs.naming.component import Component, Scope

AMI_TYPES = {"arm64": "AL2023_ARM_64_STANDARD", "x86_64": "AL2023_x86_64_STANDARD"}


class NodeRole(ServiceRole):
    """A role of nodes: register with the cluster, pull images. What pods may do comes by Pod Identity."""

    def __init__(
        self, scope: Scope, id_: str, *, name: str = "node", description: str = "Nodes of the cluster"
    ) -> None:
        names = scope.labels.names
        props = ServiceRoleProps(
            name=name,
            service="ec2.amazonaws.com",
            description=description,
            policies={
                "worker": names.managed_policy("AmazonEKSWorkerNodePolicy"),
                "registry": names.managed_policy("AmazonEC2ContainerRegistryPullOnly"),
            },
        )
        super().__init__(scope, id_, props)


@dataclass(frozen=True, kw_only=True)
class Taint:
    """A taint of all nodes of a group."""

    key: str
    value: str
    effect: Literal["NO_SCHEDULE", "NO_EXECUTE", "PREFER_NO_SCHEDULE"]


@dataclass(frozen=True, kw_only=True)
class NodeGroupProps:
    """Inputs of `NodeGroup`."""

    name: str
    control_plane: ControlPlane
    role: ServiceRole
    subnet_ids: Sequence[str]
    instance_types: Sequence[str]
    architecture: Literal["arm64", "x86_64"]
    ami_type: str | None = None
    """EKS's name of a machine image. None: plain Amazon Linux 2023 for the architecture."""

    min_size: int
    """Also the initial size. Afterwards the size is a scaler's or yours; Terraform leaves it alone."""

    max_size: int
    capacity_type: Literal["on_demand", "spot"] = "on_demand"
    volume_size_gib: int = 50
    volume_kms_key_arn: str | None = None
    """None: the account's key for EBS. Another one must let the Auto Scaling service-linked role create grants."""

    workload: str | None = None
    """Value of the label `workload`."""

    labels: Mapping[str, str] = field(default_factory=dict)
    taints: Sequence[Taint] = ()
    node_repair: bool = True
    prefix_delegation: bool = False
    """Whether pods get their addresses out of ranges: EKS gives nodes that it starts from then on more pods."""

    roll_nodes_on_tag_change: bool = False
    """Whether a change of the user's tags replaces the nodes. False: they and later ones keep the first ones."""

    depends_on: Sequence[ITerraformDependable] = ()


class NodeGroup(Component):
    """Nodes of one kind: IMDSv2 for the node alone (hop limit 1), encrypted gp3 volumes.

    The launch template names no security group, so the nodes carry the cluster's. Its version is the group's: a change
    of the template rolls the nodes, at most one third of them at a time.
    """

    def __init__(self, scope: Scope, id_: str, props: NodeGroupProps) -> None:
        super().__init__(scope, id_)
        name = props.name.replace("-", "_")
        template = self._launch_template(name, props)
        group = self.add(
            EksNodeGroup,
            name,
            cluster_name=props.control_plane.name,
            node_group_name=props.name,
            node_role_arn=props.role.arn,
            subnet_ids=list(props.subnet_ids),
            version=props.control_plane.version,
            ami_type=props.ami_type or AMI_TYPES[props.architecture],
            instance_types=list(props.instance_types),
            capacity_type=props.capacity_type.upper(),
            launch_template=EksNodeGroupLaunchTemplate(id=template.id, version=f"${{{template.fqn}.latest_version}}"),
            scaling_config=EksNodeGroupScalingConfig(
                min_size=props.min_size, max_size=props.max_size, desired_size=props.min_size
            ),
            update_config=EksNodeGroupUpdateConfig(max_unavailable_percentage=33),
            node_repair_config=EksNodeGroupNodeRepairConfig(enabled=props.node_repair),
            labels=({"workload": props.workload} if props.workload else {}) | dict(props.labels) or None,
            taint=[EksNodeGroupTaint(key=t.key, value=t.value or None, effect=t.effect) for t in props.taints] or None,
            lifecycle=TerraformResourceLifecycle(ignore_changes=["scaling_config[0].desired_size"]),
            depends_on=[*props.role.permissions, *props.depends_on],
        )
        self.resource: ITerraformDependable = group

    def _launch_template(self, name: str, props: NodeGroupProps) -> LaunchTemplate:
        tags = {**self.labels.user_tags, **self.labels.constant_tags, "Name": self.names.of("node", props.name)}
        if self.labels.user_tags and not props.roll_nodes_on_tag_change:
            self._say_where_tags_differ(name, tags)
        return self.add(
            LaunchTemplate,
            name,
            name=self.names.of("node", props.name),
            update_default_version=True,
            block_device_mappings=_volumes(props),
            metadata_options=LaunchTemplateMetadataOptions(
                http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=1
            ),
            # EC2's default, in words: another version of the template, which replaces the nodes, as those that run keep
            # their number of pods. The number is EKS's to compute, since the template names no image (EKS user guide,
            # "Increase the available IP addresses"). Another description would do in AWS, but Terraform waits with it
            # for a change of something else.
            monitoring=LaunchTemplateMonitoring(enabled=False) if props.prefix_delegation else None,
            tag_specifications=[
                LaunchTemplateTagSpecifications(resource_type=kind, tags=tags)
                for kind in ("instance", "volume", "network-interface")
            ],
            # They are part of the template's version: with another one every node is replaced.
            lifecycle=None
            if props.roll_nodes_on_tag_change
            else TerraformResourceLifecycle(ignore_changes=["tag_specifications"]),
        )

    def _say_where_tags_differ(self, name: str, tags: Mapping[str, str]) -> None:
        """Warn in each plan as long as the nodes have other tags than the file: such a plan changes nothing there."""
        given = f"[for each in aws_launch_template.{name}.tag_specifications : each.tags == tomap({json.dumps(tags)})]"
        same = {
            "condition": f"${{alltrue({given})}}",
            "error_message": f"Node group {name}: its nodes, their volumes and network interfaces keep the tags that "
            "they were made with, and so do nodes that start later. cluster.roll_nodes_on_tag_change: true in the "
            "environment file replaces the nodes, a third of them at a time.",
        }
        # CDKTF 0.21 has no class for a check.
        TerraformStack.of(self).add_override(f"check.{name}_tags", {"assert": same})


def _volumes(props: NodeGroupProps) -> list[LaunchTemplateBlockDeviceMappings]:
    """The root volume, or Bottlerocket's two: its system's, as large as the image says, and that of images and pods."""
    bottlerocket = (props.ami_type or "").startswith("BOTTLEROCKET_")
    sizes = (
        {"/dev/xvda": None, "/dev/xvdb": props.volume_size_gib}
        if bottlerocket
        else {"/dev/xvda": props.volume_size_gib}
    )
    return [
        LaunchTemplateBlockDeviceMappings(
            device_name=device,
            ebs=LaunchTemplateBlockDeviceMappingsEbs(
                volume_type="gp3",
                volume_size=size,
                encrypted="true",
                kms_key_id=props.volume_kms_key_arn,
                delete_on_termination="true",
            ),
        )
        for device, size in sizes.items()
    ]
