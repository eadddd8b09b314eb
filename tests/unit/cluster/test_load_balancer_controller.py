"""Permissions of the load balancer controller."""

from __future__ import annotations

from typing import Any

import pytest
from constructs.cluster.control_plane import ControlPlane
from constructs.cluster.load_balancer_controller import LoadBalancerController, LoadBalancerControllerProps

from tests.unit.trial_stack import TrialStack

ROLE = "aws_iam_role.load_balancer_controller"
MINE = {"StringEquals": {"aws:ResourceTag/elbv2.k8s.aws/cluster": "airflow-dev"}}
ACL = "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/airflow/1234abcd-12ab-44cd-96ef-1234567890ab"
BECOMES_MINE = {"aws:RequestTag/elbv2.k8s.aws/cluster": "airflow-dev"}


@pytest.fixture
def default(stack: TrialStack, control_plane: ControlPlane) -> TrialStack:
    """The controller's role for the VPC `vpc-1`."""
    LoadBalancerController(
        stack, "controller", LoadBalancerControllerProps(control_plane=control_plane, vpc_id="vpc-1")
    )
    return stack


@pytest.fixture
def statements(default: TrialStack) -> dict[str, dict[str, Any]]:
    """Sid -> statement of the controller's policy."""
    return default.statements("aws_iam_role_policy.load_balancer_controller")


class TestRole:
    def test_is_for_the_controllers_pods(self, default: TrialStack) -> None:
        """The service account of the controller's chart in kube-system acts as the role."""
        association = default.resource("aws_eks_pod_identity_association.aws_load_balancer_controller")
        assert association["namespace"] == "kube-system"
        assert association["service_account"] == "aws-load-balancer-controller"
        assert association["role_arn"] == "${aws_iam_role.load_balancer_controller.arn}"

    def test_trusts_pods_of_this_cluster_only(self, default: TrialStack) -> None:
        """Pod Identity of this account and cluster is the one principal."""
        trust = default.statements(ROLE, "assume_role_policy")
        assert list(trust) == ["AssumedByService"]
        assert trust["AssumedByService"]["Principal"] == {"Service": "pods.eks.amazonaws.com"}
        assert trust["AssumedByService"]["Condition"] == {
            "StringEquals": {
                "aws:RequestTag/eks-cluster-arn": "arn:aws:eks:eu-west-1:111122223333:cluster/airflow-dev",
                "aws:RequestTag/kubernetes-namespace": "kube-system",
                "aws:RequestTag/kubernetes-service-account": ["aws-load-balancer-controller"],
            }
        }

    def test_policy_fits(self, default: TrialStack) -> None:
        """An inline policy holds at most 10,240 characters."""
        assert len(default.resource("aws_iam_role_policy.load_balancer_controller")["policy"]) <= 10_240


class TestStatements:
    def test_everywhere_only_reads(self, statements: dict[str, dict[str, Any]]) -> None:
        """On `*` there are describe, list and get calls alone."""
        for statement in statements.values():
            if "*" in statement["Resource"]:
                assert all(
                    action.partition(":")[2].startswith(("Describe", "Get", "List")) for action in statement["Action"]
                )

    def test_no_action_is_a_pattern(self, statements: dict[str, dict[str, Any]]) -> None:
        """Every action is spelled out."""
        assert not [action for s in statements.values() for action in s["Action"] if "*" in action]

    def test_makes_security_groups_in_this_vpc_only(self, statements: dict[str, dict[str, Any]]) -> None:
        """A security group is created in the cluster's VPC, and tagged with this cluster's name or not at all."""
        vpc = "arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1"
        assert statements["CreateSecurityGroupInVpc"]["Resource"] == [vpc]
        assert statements["CreateSecurityGroup"]["Condition"] == {"StringEquals": BECOMES_MINE}
        assert statements["TagNewSecurityGroup"]["Condition"]["StringEquals"] == {
            "ec2:CreateAction": "CreateSecurityGroup",
            **BECOMES_MINE,
        }

    def test_opens_security_groups_of_this_vpc_only(self, statements: dict[str, dict[str, Any]]) -> None:
        """Rules of any group in the VPC, so that the balancer reaches the pods, and of none elsewhere."""
        statement = statements["OpenSecurityGroupsOfVpc"]
        assert statement["Condition"] == {"ArnEquals": {"ec2:Vpc": "arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1"}}
        assert set(statement["Action"]) == {"ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress"}

    @pytest.mark.parametrize("sid", ["ChangeOwnSecurityGroups", "ChangeOwnLoadBalancers", "CreateListeners"])
    def test_changes_only_what_carries_the_clusters_name(self, statements: dict[str, dict[str, Any]], sid: str) -> None:
        """Another cluster's load balancers in the same account are out of reach."""
        assert statements[sid]["Condition"] == MINE

    @pytest.mark.parametrize("sid", ["CreateLoadBalancers", "TagWhatIsCreated", "CreateSecurityGroup"])
    def test_what_it_makes_carries_the_clusters_name(self, statements: dict[str, dict[str, Any]], sid: str) -> None:
        """Nothing is created without the tag by which it may be changed later."""
        assert BECOMES_MINE.items() <= statements[sid]["Condition"]["StringEquals"].items()

    def test_application_load_balancers_only(self, statements: dict[str, dict[str, Any]]) -> None:
        """No network or gateway load balancer: the Ingress makes application load balancers."""
        resources = {
            resource
            for statement in statements.values()
            for resource in statement["Resource"]
            if ":elasticloadbalancing:" in resource
        }
        start = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:"
        assert {resource.removeprefix(start) for resource in resources} == {
            "loadbalancer/app/*/*",
            "targetgroup/*/*",
            "listener/app/*/*/*",
            "listener-rule/app/*/*/*/*",
        }

    def test_what_an_ingress_takes_is_allowed(self, statements: dict[str, dict[str, Any]]) -> None:
        """Making, changing and deleting balancer, targets, listeners and rules are among the actions."""
        allowed = {action for statement in statements.values() for action in statement["Action"]}
        balancing = "CreateLoadBalancer CreateTargetGroup CreateListener CreateRule DeleteLoadBalancer DeleteRule "
        balancing += "DeleteTargetGroup DeleteListener RegisterTargets DeregisterTargets AddTags ModifyRule SetSubnets "
        balancing += "SetSecurityGroups ModifyLoadBalancerAttributes ModifyTargetGroup ModifyListener"
        assert {f"elasticloadbalancing:{action}" for action in balancing.split()} <= allowed

    def test_service_linked_role_of_load_balancing_only(self, statements: dict[str, dict[str, Any]]) -> None:
        """The one role that may be created is AWS's own for load balancing."""
        statement = statements["ServiceLinkedRole"]
        assert statement["Condition"] == {"StringEquals": {"iam:AWSServiceName": "elasticloadbalancing.amazonaws.com"}}
        assert [action for s in statements.values() for action in s["Action"] if action.startswith("iam:")] == [
            "iam:CreateServiceLinkedRole"
        ]

    @pytest.mark.parametrize("acl", [ACL, "none"])
    def test_attaches_the_one_web_acl_to_its_own_balancer(
        self, stack: TrialStack, control_plane: ControlPlane, acl: str
    ) -> None:
        """The named ACL and no other, and no balancer of another name; with `none` it can only take one away."""
        props = LoadBalancerControllerProps(control_plane=control_plane, vpc_id="vpc-1", waf_acl_arn=acl)
        LoadBalancerController(stack, "controller", props)
        statements = stack.statements("aws_iam_role_policy.load_balancer_controller")
        own = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/airflow-dev/*"
        assert statements["AttachWebAcl"]["Resource"] == [own, *([ACL] if acl == ACL else [])]
        assert set(statements["AttachWebAcl"]["Action"]) == {"wafv2:AssociateWebACL", "wafv2:DisassociateWebACL"}
        assert statements["LetWebAclIn"]["Condition"] == MINE
        assert all(action.startswith("wafv2:Get") for action in statements["SeeWebAcl"]["Action"])

    def test_nothing_of_waf_without_an_acl(self, statements: dict[str, dict[str, Any]]) -> None:
        """What is not asked for is not allowed."""
        actions = {action for statement in statements.values() for action in statement["Action"]}
        assert not {action for action in actions if "waf" in action.lower() or "WebAcl" in action}

    def test_sids_differ(self, default: TrialStack) -> None:
        """IAM refuses two statements of one id in a policy."""
        text = default.resource("aws_iam_role_policy.load_balancer_controller")["policy"]
        assert text.count('"Sid"') == len(default.statements("aws_iam_role_policy.load_balancer_controller"))
