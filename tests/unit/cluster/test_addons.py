"""EKS add-ons."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cdktf_cdktf_provider_aws.vpc import Vpc
from constructs.cluster.addons import AFTER_NODES, BEFORE_NODES, Addon, Addons, AddonsProps
from constructs.cluster.control_plane import ControlPlane
from constructs.naming.component import Component

from tests.unit.trial_stack import TrialStack, default_control_plane

ALL = (*BEFORE_NODES, *AFTER_NODES)


@pytest.fixture
def default(stack: TrialStack, control_plane: ControlPlane) -> TrialStack:
    """All add-ons, none pinned."""
    _add(stack, control_plane)
    return stack


def _add(stack: TrialStack, control_plane: ControlPlane, **changes: Any) -> Addons:
    arguments: dict[str, Any] = {"control_plane": control_plane, "kubernetes_version": "1.35", "addons": ALL} | changes
    return Addons(stack, "addons", AddonsProps(**arguments))


class TestGroups:
    def test_what_makes_nodes_ready_comes_before_them(self) -> None:
        """Network, service routing and credentials exist before the first node, which would else never be ready."""
        assert {addon.name for addon in BEFORE_NODES} == {"vpc-cni", "kube-proxy", "eks-pod-identity-agent"}

    def test_what_runs_on_nodes_comes_after_them(self) -> None:
        """Deployments wait for nodes: created earlier they would time out as degraded."""
        assert {addon.name for addon in AFTER_NODES} == {"coredns", "aws-ebs-csi-driver", "metrics-server"}


class TestWithDefaultConfiguration:
    def test_all_six_are_managed_by_eks(self, default: TrialStack) -> None:
        """Each add-on is one of the cluster's, under its own name."""
        addons = default.synthesized().resources("aws_eks_addon")
        assert {addon["addon_name"] for addon in addons.values()} == {addon.name for addon in ALL}
        assert {addon["cluster_name"] for addon in addons.values()} == {"${aws_eks_cluster.cluster.id}"}

    def test_versions_follow_kubernetes(self, default: TrialStack) -> None:
        """Each version is EKS's default for the version in the file, known at plan, so that an upgrade brings them."""
        defaults = default.synthesized().document["data"]["aws_eks_addon_version"]
        for name, addon in default.synthesized().resources("aws_eks_addon").items():
            assert addon["addon_version"] == f"${{data.aws_eks_addon_version.{name}.version}}"
            assert defaults[name]["kubernetes_version"] == "1.35"
            assert defaults[name]["addon_name"] == addon["addon_name"]
            assert "most_recent" not in defaults[name], "the default, not the newest"

    def test_network_policies_are_enforced(self, default: TrialStack) -> None:
        """The VPC CNI's agent for network policies is on; EKS leaves it off."""
        configuration = default.resource("aws_eks_addon.vpc_cni")["configuration_values"]
        assert json.loads(configuration) == {"enableNetworkPolicy": "true"}

    def test_others_keep_eks_configuration(self, default: TrialStack) -> None:
        """No configuration is given where none is needed."""
        addons = default.synthesized().resources("aws_eks_addon")
        assert [name for name, addon in addons.items() if "configuration_values" in addon] == ["vpc_cni"]

    def test_terraform_decides_on_conflicts(self, default: TrialStack) -> None:
        """What somebody changed by hand never blocks an apply."""
        for addon in default.synthesized().resources("aws_eks_addon").values():
            assert addon["resolve_conflicts_on_create"] == "OVERWRITE"
            assert addon["resolve_conflicts_on_update"] == "OVERWRITE"

    @pytest.mark.parametrize(
        ("name", "account", "policy"),
        [
            ("vpc_cni", "aws-node", "AmazonEKS_CNI_Policy"),
            ("aws_ebs_csi_driver", "ebs-csi-controller-sa", "service-role/AmazonEBSCSIDriverPolicy"),
        ],
    )
    def test_addons_that_call_aws_have_a_role_of_their_own(
        self, default: TrialStack, name: str, account: str, policy: str
    ) -> None:
        """By Pod Identity, for its own service account, with AWS's policy for it and nothing else."""
        addon = default.resource(f"aws_eks_addon.{name}")
        assert addon["pod_identity_association"] == [
            {"role_arn": f"${{aws_iam_role.{name}.arn}}", "service_account": account}
        ]
        attachments = default.synthesized().resources("aws_iam_role_policy_attachment").values()
        mine = [item["policy_arn"] for item in attachments if item["role"] == f"${{aws_iam_role.{name}.name}}"]
        assert mine == [f"arn:aws:iam::aws:policy/{policy}"]
        trust = default.statements(f"aws_iam_role.{name}", "assume_role_policy")["AssumedByService"]
        assert trust["Principal"] == {"Service": "pods.eks.amazonaws.com"}
        assert trust["Condition"] == {
            "StringEquals": {
                "aws:RequestTag/eks-cluster-arn": "arn:aws:eks:eu-west-1:111122223333:cluster/airflow-dev",
                "aws:RequestTag/kubernetes-namespace": "kube-system",
                "aws:RequestTag/kubernetes-service-account": [account],
            }
        }

    def test_an_addon_waits_for_its_permissions(self, default: TrialStack) -> None:
        """An add-on with a role starts when the role may do something."""
        assert default.resource("aws_eks_addon.vpc_cni")["depends_on"] == [
            "aws_iam_role_policy_attachment.vpc_cni_addon"
        ]

    def test_others_have_no_role(self, default: TrialStack) -> None:
        """An add-on that calls nothing in AWS has no way to."""
        addons = default.synthesized().resources("aws_eks_addon")
        with_role = {name for name, addon in addons.items() if "pod_identity_association" in addon}
        assert with_role == {"vpc_cni", "aws_ebs_csi_driver"}


class TestWithCustomConfiguration:
    def test_pinned_versions_need_no_data_source(self, stack: TrialStack, control_plane: ControlPlane) -> None:
        """With all add-ons pinned a plan asks AWS nothing."""
        _add(stack, control_plane, pinned_versions={addon.name: "v1.2.3-eksbuild.1" for addon in ALL})
        assert "data" not in stack.synthesized().document
        for addon in stack.synthesized().resources("aws_eks_addon").values():
            assert addon["addon_version"] == "v1.2.3-eksbuild.1"

    def test_one_pinned_version(self, stack: TrialStack, control_plane: ControlPlane) -> None:
        """The add-on that is held stays; the others follow Kubernetes."""
        _add(stack, control_plane, pinned_versions={"coredns": "v1.11.4-eksbuild.2"})
        assert stack.resource("aws_eks_addon.coredns")["addon_version"] == "v1.11.4-eksbuild.2"
        asked = set(stack.synthesized().document["data"]["aws_eks_addon_version"])
        assert asked == {addon.name.replace("-", "_") for addon in ALL} - {"coredns"}

    def test_depends_on(self, stack: TrialStack, control_plane: ControlPlane) -> None:
        """Every add-on waits for what it is told to, beside its own role."""
        nodes = Component(stack, "nodes").add(Vpc, "nodes", cidr_block="10.0.0.0/16")
        _add(stack, control_plane, addons=AFTER_NODES, depends_on=[nodes])
        addons = stack.synthesized().resources("aws_eks_addon")
        assert all("aws_vpc.nodes" in addon["depends_on"] for addon in addons.values())
        assert len(addons["aws_ebs_csi_driver"]["depends_on"]) == 2

    def test_resources_are_what_nodes_wait_for(self, stack: TrialStack, control_plane: ControlPlane) -> None:
        """All of a group's add-ons are there to depend on."""
        addons = _add(stack, control_plane, addons=BEFORE_NODES)
        Component(stack, "nodes").add(Vpc, "nodes", cidr_block="10.0.0.0/16", depends_on=addons.resources)
        assert set(stack.resource("aws_vpc.nodes")["depends_on"]) == {
            "aws_eks_addon.vpc_cni",
            "aws_eks_addon.kube_proxy",
            "aws_eks_addon.eks_pod_identity_agent",
        }

    def test_configuration(self, stack: TrialStack, control_plane: ControlPlane) -> None:
        """An add-on's configuration arrives as JSON."""
        _add(stack, control_plane, addons=[Addon(name="coredns", configuration={"replicaCount": 3})])
        assert json.loads(stack.resource("aws_eks_addon.coredns")["configuration_values"]) == {"replicaCount": 3}

    def test_variables(self, stack: TrialStack, control_plane: ControlPlane) -> None:
        """Those of one add-on; the rest of its configuration stays, and the others know nothing of them."""
        _add(stack, control_plane, environment={"vpc-cni": {"ENABLE_PREFIX_DELEGATION": "true"}})
        configuration = json.loads(stack.resource("aws_eks_addon.vpc_cni")["configuration_values"])
        assert configuration == {"enableNetworkPolicy": "true", "env": {"ENABLE_PREFIX_DELEGATION": "true"}}
        assert "configuration_values" not in stack.resource("aws_eks_addon.coredns")


class TestTags:
    @pytest.fixture
    def tagged(self) -> TrialStack:
        """All add-ons, with tags of the user's, of which one can't be passed on."""
        stack = TrialStack(user_tags={"CostCenter": "4711", "Zoë": "a=b", "a=b": "c"})
        _add(stack, default_control_plane(stack))
        return stack

    def test_volumes_of_claims(self, tagged: TrialStack) -> None:
        """The EBS CSI driver puts the user's tags on each volume that it makes."""
        configuration = json.loads(tagged.resource("aws_eks_addon.aws_ebs_csi_driver")["configuration_values"])
        assert configuration == {"controller": {"extraVolumeTags": {"CostCenter": "4711", "Zoë": "a=b"}}}

    def test_network_interfaces_for_pods(self, tagged: TrialStack) -> None:
        """The VPC CNI puts them on each interface that it adds to a node, and still enforces network policies."""
        configuration = json.loads(tagged.resource("aws_eks_addon.vpc_cni")["configuration_values"])
        assert json.loads(configuration["env"]["ADDITIONAL_ENI_TAGS"]) == {"CostCenter": "4711", "Zoë": "a=b"}
        assert configuration["enableNetworkPolicy"] == "true"

    def test_beside_variables(self) -> None:
        """Both are in the one map."""
        stack = TrialStack(user_tags={"CostCenter": "4711"})
        _add(stack, default_control_plane(stack), environment={"vpc-cni": {"WARM_IP_TARGET": "2"}})
        configuration = json.loads(stack.resource("aws_eks_addon.vpc_cni")["configuration_values"])
        assert configuration["env"].keys() == {"WARM_IP_TARGET", "ADDITIONAL_ENI_TAGS"}
