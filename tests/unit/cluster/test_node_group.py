"""Managed node groups."""

from __future__ import annotations

from typing import Any

import pytest
from cdktf_cdktf_provider_aws.vpc import Vpc
from constructs.cluster.control_plane import ControlPlane
from constructs.cluster.node_group import NodeGroup, NodeGroupProps, NodeRole, Taint
from constructs.naming.component import Component

from tests.unit.trial_stack import TrialStack, default_control_plane

GROUP = "aws_eks_node_group.default"
TEMPLATE = "aws_launch_template.default"


@pytest.fixture
def role(stack: TrialStack) -> NodeRole:
    """The role of all nodes."""
    return NodeRole(stack, "node-role")


def _add(stack: TrialStack, control_plane: ControlPlane, role: NodeRole, **changes: Any) -> NodeGroup:
    arguments: dict[str, Any] = {
        "name": "default",
        "control_plane": control_plane,
        "role": role,
        "subnet_ids": ["subnet-a", "subnet-b"],
        "instance_types": ["m7g.large"],
        "architecture": "arm64",
        "min_size": 2,
        "max_size": 4,
    } | changes
    return NodeGroup(stack, "node-group", NodeGroupProps(**arguments))


@pytest.fixture
def default(stack: TrialStack, control_plane: ControlPlane, role: NodeRole) -> TrialStack:
    """One group with default configuration."""
    _add(stack, control_plane, role)
    return stack


class TestNodeRole:
    def test_registers_and_pulls_and_no_more(self, stack: TrialStack, role: NodeRole) -> None:
        """Nodes have two of AWS's policies; what pods may do never comes from the node."""
        del role
        attachments = stack.synthesized().resources("aws_iam_role_policy_attachment").values()
        assert {item["policy_arn"] for item in attachments} == {
            "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy",
            "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly",
        }
        assert stack.names_of("aws_iam_role_policy") == set()

    def test_is_for_ec2(self, stack: TrialStack, role: NodeRole) -> None:
        """EC2 alone assumes it, without a source condition, which EC2 doesn't answer."""
        del role
        trust = stack.statements("aws_iam_role.node", "assume_role_policy")["AssumedByService"]
        assert trust["Principal"] == {"Service": "ec2.amazonaws.com"}
        assert "Condition" not in trust


class TestWithDefaultConfiguration:
    def test_starts_with_its_minimum(self, default: TrialStack) -> None:
        """The group begins with its minimum, and afterwards its size is never Terraform's again."""
        group = default.resource(GROUP)
        assert group["scaling_config"] == {"min_size": 2, "max_size": 4, "desired_size": 2}
        assert group["lifecycle"]["ignore_changes"] == ["scaling_config[0].desired_size"]

    def test_amazon_linux_of_the_clusters_version(self, default: TrialStack) -> None:
        """AL2023 for the group's processors; the version is the control plane's, so nodes are upgraded after it."""
        group = default.resource(GROUP)
        assert group["ami_type"] == "AL2023_ARM_64_STANDARD"
        assert group["version"] == "${aws_eks_cluster.cluster.version}"
        assert group["instance_types"] == ["m7g.large"]
        assert group["capacity_type"] == "ON_DEMAND"

    def test_lives_in_the_given_subnets(self, default: TrialStack) -> None:
        """Nodes and pods get their addresses there."""
        assert default.resource(GROUP)["subnet_ids"] == ["subnet-a", "subnet-b"]

    def test_repairs_and_updates_carefully(self, default: TrialStack) -> None:
        """Unhealthy nodes are replaced, and an update takes a third of them at a time."""
        group = default.resource(GROUP)
        assert group["node_repair_config"] == {"enabled": True}
        assert group["update_config"] == {"max_unavailable_percentage": 33}

    def test_pods_cannot_read_the_nodes_credentials(self, default: TrialStack) -> None:
        """IMDSv2 with one hop: a container's request for the node's role ends at the node."""
        assert default.resource(TEMPLATE)["metadata_options"] == {
            "http_endpoint": "enabled",
            "http_tokens": "required",
            "http_put_response_hop_limit": 1,
        }

    def test_root_volume_is_encrypted(self, default: TrialStack) -> None:
        """50 GiB of gp3 under the account's key for EBS, gone with the node."""
        (mapping,) = default.resource(TEMPLATE)["block_device_mappings"]
        assert mapping == {
            "device_name": "/dev/xvda",
            "ebs": {"volume_type": "gp3", "volume_size": 50, "encrypted": "true", "delete_on_termination": "true"},
        }

    def test_names_no_security_group(self, default: TrialStack) -> None:
        """Nodes carry the cluster's own security group, the one that the database accepts."""
        template = default.resource(TEMPLATE)
        assert not {"vpc_security_group_ids", "security_group_names", "network_interfaces"} & set(template)
        assert "remote_access" not in default.resource(GROUP)

    def test_leaves_to_the_group_what_is_the_groups(self, default: TrialStack) -> None:
        """Image, instance type, role and start script are EKS's business; with an own image EKS upgrades nothing."""
        template = default.resource(TEMPLATE)
        assert not {"image_id", "instance_type", "iam_instance_profile", "user_data", "key_name"} & set(template)

    def test_follows_its_launch_template(self, default: TrialStack) -> None:
        """A change of the template is a new version, which the group takes up."""
        assert default.resource(TEMPLATE)["update_default_version"] is True
        assert default.resource(GROUP)["launch_template"] == {
            "id": "${aws_launch_template.default.id}",
            "version": "${aws_launch_template.default.latest_version}",
        }

    def test_waits_for_its_permissions(self, default: TrialStack) -> None:
        """Nodes start once their role may register and pull."""
        assert set(default.resource(GROUP)["depends_on"]) == {
            "aws_iam_role_policy_attachment.node_worker",
            "aws_iam_role_policy_attachment.node_registry",
        }

    def test_no_labels_and_taints(self, default: TrialStack) -> None:
        """Any pod may run here."""
        assert not {"labels", "taint"} & set(default.resource(GROUP))

    def test_names_no_number_of_pods(self, default: TrialStack) -> None:
        """EKS computes it, as long as the template has neither image nor user data."""
        template = default.resource(TEMPLATE)
        assert not {"image_id", "user_data", "monitoring"} & template.keys()


class TestWithCustomConfiguration:
    def test_prefix_delegation_is_another_version_of_the_template(
        self, stack: TrialStack, control_plane: ControlPlane, role: NodeRole
    ) -> None:
        """So that nodes are replaced, and EKS gives the new ones their number of pods."""
        _add(stack, control_plane, role, prefix_delegation=True)
        template = stack.resource(TEMPLATE)
        assert template["monitoring"] == {"enabled": False}
        assert not {"image_id", "user_data"} & template.keys()

    def test_spot_on_x86(self, stack: TrialStack, control_plane: ControlPlane, role: NodeRole) -> None:
        """Capacity type, processors and the types of instances are as told."""
        types = ["m7i.large", "m6i.large"]
        _add(stack, control_plane, role, instance_types=types, architecture="x86_64", capacity_type="spot")
        group = stack.resource(GROUP)
        assert group["ami_type"] == "AL2023_x86_64_STANDARD"
        assert group["capacity_type"] == "SPOT"
        assert group["instance_types"] == types

    def test_volume(self, stack: TrialStack, control_plane: ControlPlane, role: NodeRole) -> None:
        """Size and key of the root volume are as told."""
        key = "arn:aws:kms:eu-west-1:111122223333:key/k"
        _add(stack, control_plane, role, volume_size_gib=200, volume_kms_key_arn=key)
        (mapping,) = stack.resource(TEMPLATE)["block_device_mappings"]
        assert mapping["ebs"]["volume_size"] == 200
        assert mapping["ebs"]["kms_key_id"] == key
        assert mapping["ebs"]["encrypted"] == "true"

    def test_named_image(self, stack: TrialStack, control_plane: ControlPlane, role: NodeRole) -> None:
        """The image that the file names is the group's."""
        image = {"instance_types": ["g5.xlarge"], "architecture": "x86_64", "ami_type": "AL2023_x86_64_NVIDIA"}
        _add(stack, control_plane, role, **image)
        assert stack.resource(GROUP)["ami_type"] == "AL2023_x86_64_NVIDIA"
        (mapping,) = stack.resource(TEMPLATE)["block_device_mappings"]
        assert mapping["device_name"] == "/dev/xvda"

    def test_bottlerocket_has_two_volumes(self, stack: TrialStack, control_plane: ControlPlane, role: NodeRole) -> None:
        """Both are encrypted with the named key; the size is that of the second, which holds images and pods' data."""
        key = "arn:aws:kms:eu-west-1:111122223333:key/k"
        _add(stack, control_plane, role, ami_type="BOTTLEROCKET_ARM_64", volume_size_gib=80, volume_kms_key_arn=key)
        assert stack.resource(GROUP)["ami_type"] == "BOTTLEROCKET_ARM_64"
        system, data = stack.resource(TEMPLATE)["block_device_mappings"]
        assert (system["device_name"], data["device_name"]) == ("/dev/xvda", "/dev/xvdb")
        assert "volume_size" not in system["ebs"], "as large as the image says"
        assert data["ebs"]["volume_size"] == 80
        for mapping in (system, data):
            assert (mapping["ebs"]["encrypted"], mapping["ebs"]["kms_key_id"]) == ("true", key)

    def test_workload_is_a_label(self, stack: TrialStack, control_plane: ControlPlane, role: NodeRole) -> None:
        """What the nodes are for stands beside the labels that the file names."""
        _add(stack, control_plane, role, workload="tasks", labels={"team": "data"})
        assert stack.resource(GROUP)["labels"] == {"workload": "tasks", "team": "data"}

    def test_labels_and_taints(self, stack: TrialStack, control_plane: ControlPlane, role: NodeRole) -> None:
        """Labels and taints arrive; a taint without a value has none, rather than an empty one."""
        taints = [
            Taint(key="team", value="data", effect="NO_SCHEDULE"),
            Taint(key="gpu", value="", effect="PREFER_NO_SCHEDULE"),
        ]
        _add(stack, control_plane, role, labels={"team": "data"}, taints=taints)
        group = stack.resource(GROUP)
        assert group["labels"] == {"team": "data"}
        assert group["taint"] == [
            {"key": "team", "value": "data", "effect": "NO_SCHEDULE"},
            {"key": "gpu", "effect": "PREFER_NO_SCHEDULE"},
        ]

    def test_no_repair(self, stack: TrialStack, control_plane: ControlPlane, role: NodeRole) -> None:
        """Repair can be switched off."""
        _add(stack, control_plane, role, node_repair=False)
        assert stack.resource(GROUP)["node_repair_config"] == {"enabled": False}

    def test_name_with_hyphens(self, stack: TrialStack, control_plane: ControlPlane, role: NodeRole) -> None:
        """In AWS the group is called as in the file, in the state with underscores."""
        _add(stack, control_plane, role, name="memory-heavy")
        group = stack.resource("aws_eks_node_group.memory_heavy")
        assert group["node_group_name"] == "memory-heavy"
        assert stack.resource("aws_launch_template.memory_heavy")["name"] == "airflow-dev-node-memory-heavy"

    def test_depends_on(self, stack: TrialStack, control_plane: ControlPlane, role: NodeRole) -> None:
        """Nodes wait for add-ons and their way to the Internet, and others wait for the nodes."""
        addon = Component(stack, "addon").add(Vpc, "addon", cidr_block="10.0.0.0/16")
        group = _add(stack, control_plane, role, depends_on=[addon])
        assert "aws_vpc.addon" in stack.resource(GROUP)["depends_on"]
        Component(stack, "after").add(Vpc, "after", cidr_block="10.0.0.0/16", depends_on=[group.resource])
        assert stack.resource("aws_vpc.after")["depends_on"] == [GROUP]


class TestTags:
    def _deployed(self, *, roll: bool = False, **user_tags: str) -> TrialStack:
        stack = TrialStack(user_tags=user_tags)
        plane = default_control_plane(stack)
        _add(stack, plane, NodeRole(stack, "node-role"), roll_nodes_on_tag_change=roll)
        return stack

    def test_whatever_a_node_brings_carries_the_tags(self) -> None:
        """Instance, root volume and network interface, which EKS makes, carry the environment's tags and the user's."""
        specifications = self._deployed(CostCenter="4711").resource(TEMPLATE)["tag_specifications"]
        assert [item["resource_type"] for item in specifications] == ["instance", "volume", "network-interface"]
        for item in specifications:
            assert item["tags"] == {
                "CostCenter": "4711",
                "Name": "airflow-dev-node-default",
                "Project": "airflow",
                "Environment": "dev",
                "ManagedBy": "cdktf",
                "Stack": "infrastructure",
            }

    def test_a_change_of_user_tags_rolls_no_node(self) -> None:
        """Tags inside the template, which are part of its version, stay as they were made, and each plan says so."""
        stack = self._deployed(CostCenter="4711")
        assert stack.resource(TEMPLATE)["lifecycle"]["ignore_changes"] == ["tag_specifications"]
        check = stack.synthesized().document["check"]["default_tags"]["assert"]
        assert "aws_launch_template.default.tag_specifications" in check["condition"]
        assert "cluster.roll_nodes_on_tag_change: true" in check["error_message"]

    def test_it_does_where_the_file_says_so(self) -> None:
        """Then a change of tags is a version of the template like any other, and there is nothing to be warned of."""
        stack = self._deployed(roll=True, CostCenter="4711")
        assert "lifecycle" not in stack.resource(TEMPLATE)
        assert "check" not in stack.synthesized().document

    def test_without_tags_nothing_is_compared(self) -> None:
        """An environment without tags of the user's has no check."""
        assert "check" not in self._deployed().synthesized().document
