"""What Karpenter gets in AWS: a role that reaches its own nodes only, a role for these, a queue of interruptions."""

from __future__ import annotations

import json
from typing import Any

import pytest
from constructs.cluster.control_plane import ControlPlane
from constructs.cluster.karpenter import Karpenter, KarpenterProps
from constructs.cluster.karpenter_names import EVENTS

from tests.security.policy_evaluator import Document, Request, allows
from tests.unit.trial_stack import TrialStack

EC2 = "arn:aws:ec2:eu-west-1:111122223333:"
IAM = "arn:aws:iam::111122223333:"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/11111111-1111-4111-8111-111111111111"
NODE_ROLE = f"{IAM}role/airflow-dev-karpenter-node"
OWN = {
    "aws:RequestTag/kubernetes.io/cluster/airflow-dev": "owned",
    "aws:RequestTag/eks:eks-cluster-name": "airflow-dev",
    "aws:RequestTag/karpenter.sh/nodepool": "tasks",
}
OWNED = {
    "aws:ResourceTag/kubernetes.io/cluster/airflow-dev": "owned",
    "aws:ResourceTag/karpenter.sh/nodepool": "tasks",
}
THEIRS = {
    "aws:ResourceTag/kubernetes.io/cluster/airflow-dev-2": "owned",
    "aws:ResourceTag/karpenter.sh/nodepool": "tasks",
}
#: A node of a managed group: it carries the cluster's name, too, and no pool's.
OF_A_GROUP = {"aws:ResourceTag/kubernetes.io/cluster/airflow-dev": "owned"}
HERE = {"aws:RequestedRegion": "eu-west-1"}


@pytest.fixture
def deployed(stack: TrialStack, control_plane: ControlPlane) -> TrialStack:
    """Karpenter with spot pools and a key of the user's."""
    props = KarpenterProps(control_plane=control_plane, uses_spot=True, volume_kms_key_arn=KEY)
    Karpenter(stack, "karpenter", props)
    return stack


@pytest.fixture
def policy(deployed: TrialStack) -> Document:
    """The controller's policy, with the ARNs that Terraform will know."""
    text = deployed.resource("aws_iam_role_policy.karpenter")["policy"]
    for reference, known in (
        ("${aws_iam_role.karpenter_node.arn}", NODE_ROLE),
        ("${aws_sqs_queue.karpenter.arn}", "arn:aws:sqs:eu-west-1:111122223333:airflow-dev-karpenter"),
    ):
        text = text.replace(reference, known)
    document: Document = json.loads(text)
    return document


def asked(action: str, resource: str, **context: str | tuple[str, ...]) -> Request:
    """A question to IAM."""
    return Request(action=action, resource=resource, context={**HERE, **context})


class TestController:
    def test_pods_of_its_service_account_act_as_it(self, deployed: TrialStack) -> None:
        """Of this cluster, in the namespace `karpenter`, and of no other."""
        association = deployed.resource("aws_eks_pod_identity_association.karpenter")
        assert (association["namespace"], association["service_account"]) == ("karpenter", "karpenter")
        trust = deployed.statements("aws_iam_role.karpenter", "assume_role_policy")["AssumedByService"]
        assert trust["Condition"]["StringEquals"] == {
            "aws:RequestTag/eks-cluster-arn": "arn:aws:eks:eu-west-1:111122223333:cluster/airflow-dev",
            "aws:RequestTag/kubernetes-namespace": "karpenter",
            "aws:RequestTag/kubernetes-service-account": ["karpenter"],
        }

    def test_starts_nodes_of_its_pools_and_ends_them(self, policy: Document) -> None:
        """From a template of its own, in the account's subnets, with the cluster's and the pool's tag."""
        for action in ("ec2:RunInstances", "ec2:CreateFleet"):
            for kind in ("instance", "volume", "network-interface", "fleet", "spot-instances-request"):
                assert allows([policy], asked(action, f"{EC2}{kind}/*", **OWN)), kind
            assert allows([policy], asked(action, f"{EC2}subnet/subnet-1"))
            assert allows([policy], asked(action, f"{EC2}security-group/sg-1"))
            assert allows([policy], asked(action, "arn:aws:ec2:eu-west-1::image/ami-1"))
            assert allows([policy], asked(action, f"{EC2}launch-template/lt-1", **OWNED))
        making = {**OWN, "ec2:CreateAction": "RunInstances"}
        assert allows([policy], asked("ec2:CreateTags", f"{EC2}instance/i-1", **making))
        assert allows([policy], asked("ec2:TerminateInstances", f"{EC2}instance/i-1", **OWNED))
        assert allows([policy], asked("ec2:DeleteLaunchTemplate", f"{EC2}launch-template/lt-1", **OWNED))
        assert allows([policy], asked("iam:PassRole", NODE_ROLE, **{"iam:PassedToService": "ec2.amazonaws.com"}))

    @pytest.mark.parametrize(
        "request_",
        [
            asked("ec2:RunInstances", f"{EC2}instance/*"),
            asked("ec2:CreateLaunchTemplate", f"{EC2}launch-template/*"),
            asked("ec2:RunInstances", f"{EC2}launch-template/lt-1", **THEIRS),
            asked("ec2:RunInstances", "arn:aws:ec2:eu-west-1:999988887777:subnet/subnet-1"),
            asked("ec2:TerminateInstances", f"{EC2}instance/i-1", **THEIRS),
            asked("ec2:TerminateInstances", f"{EC2}instance/i-1", **OF_A_GROUP),
            asked("ec2:DeleteLaunchTemplate", f"{EC2}launch-template/lt-1", **OF_A_GROUP),
            asked("ec2:CreateTags", f"{EC2}instance/i-1", **OWN),
            asked("ec2:CreateTags", f"{EC2}instance/i-1", **OWNED, **{"aws:TagKeys": ("Name", "Environment")}),
            asked("ec2:CreateTags", f"{EC2}vpc/vpc-1", **OWN, **{"ec2:CreateAction": "RunInstances"}),
            asked("iam:PassRole", NODE_ROLE, **{"iam:PassedToService": "lambda.amazonaws.com"}),
            asked("iam:PassRole", f"{IAM}role/airflow-dev-node", **{"iam:PassedToService": "ec2.amazonaws.com"}),
            asked("iam:PassRole", f"{IAM}role/administrators", **{"iam:PassedToService": "ec2.amazonaws.com"}),
            asked("iam:CreateInstanceProfile", f"{IAM}instance-profile/any"),
            asked("iam:AddRoleToInstanceProfile", f"{IAM}instance-profile/airflow-dev-karpenter-node"),
            asked("iam:CreateServiceLinkedRole", f"{IAM}role/aws-service-role/rds.amazonaws.com/x"),
            asked("ssm:GetParameter", "arn:aws:ssm:eu-west-1:111122223333:parameter/password"),
            asked("sqs:ReceiveMessage", "arn:aws:sqs:eu-west-1:111122223333:airflow-prod-karpenter"),
            asked("sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333:airflow-dev-karpenter"),
            asked("eks:CreateAccessEntry", "arn:aws:eks:eu-west-1:111122223333:cluster/airflow-dev"),
        ],
        ids=str,
    )
    def test_reaches_nothing_else(self, policy: Document, request_: Request) -> None:
        """No instance without the cluster's tags, none of a group or of others, no other role, no profile, no tag."""
        assert not allows([policy], request_)

    def test_names_its_own_instances(self, policy: Document) -> None:
        """It tags them once they have joined, with three keys and no other."""
        given = asked("ec2:CreateTags", f"{EC2}instance/i-1", **OWNED, **{"aws:TagKeys": ("Name",)})
        assert allows([policy], given)

    def test_on_everything_it_only_looks(self, deployed: TrialStack) -> None:
        """Where AWS knows no narrower resource than `*`, the actions read; none is a pattern."""
        for statement in deployed.statements("aws_iam_role_policy.karpenter").values():
            assert not [action for action in statement["Action"] if "*" in action]
            if "*" in statement["Resource"]:
                verbs = [action.partition(":")[2] for action in statement["Action"]]
                assert all(verb.startswith(("Describe", "Get", "List")) for verb in verbs)

    def test_looks_for_what_it_might_have_made(self, policy: Document) -> None:
        """Karpenter lets go of an EC2NodeClass only when it has looked for instance profiles of its own."""
        assert allows([policy], asked("iam:ListInstanceProfiles", "*"))
        assert allows([policy], asked("iam:GetInstanceProfile", f"{IAM}instance-profile/airflow-dev_1"))

    def test_the_first_spot_node_of_an_account_starts(self, policy: Document) -> None:
        """With it AWS makes the role of spot; where no pool is spot that is not allowed."""
        linked = f"{IAM}role/aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot"
        made = {"iam:AWSServiceName": "spot.amazonaws.com"}
        assert allows([policy], asked("iam:CreateServiceLinkedRole", linked, **made))

    def test_uses_the_key_of_the_nodes_volumes(self, policy: Document) -> None:
        """Through EC2 alone."""
        through = {"kms:ViaService": "ec2.eu-west-1.amazonaws.com"}
        assert allows([policy], asked("kms:GenerateDataKeyWithoutPlaintext", KEY, **through))
        assert not allows([policy], asked("kms:Decrypt", KEY))

    def test_policy_fits(self, deployed: TrialStack) -> None:
        """An inline policy holds at most 10,240 characters."""
        assert len(deployed.resource("aws_iam_role_policy.karpenter")["policy"]) <= 10_240

    def test_without_spot_and_key_neither_is_allowed(self, stack: TrialStack, control_plane: ControlPlane) -> None:
        """Permissions come with what needs them."""
        Karpenter(stack, "karpenter", KarpenterProps(control_plane=control_plane))
        statements = stack.statements("aws_iam_role_policy.karpenter")
        assert not {"ServiceLinkedRole", "EncryptVolumes"} & set(statements)


class TestNodes:
    def test_have_a_role_of_their_own(self, deployed: TrialStack) -> None:
        """EC2 assumes it; it may join the cluster and pull images, as nodes of groups may."""
        trust = deployed.statements("aws_iam_role.karpenter_node", "assume_role_policy")["AssumedByService"]
        assert trust["Principal"] == {"Service": "ec2.amazonaws.com"}
        attached = {
            each["policy_arn"].rpartition("/")[2]
            for each in deployed.synthesized().resources("aws_iam_role_policy_attachment").values()
            if each["role"] == "${aws_iam_role.karpenter_node.name}"
        }
        assert attached == {"AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"}

    def test_are_let_into_the_cluster_as_nodes(self, deployed: TrialStack) -> None:
        """Nobody else makes the entry: EKS does so for managed groups only."""
        entry = deployed.resource("aws_eks_access_entry.karpenter_node")
        assert (entry["type"], entry["principal_arn"]) == ("EC2_LINUX", "${aws_iam_role.karpenter_node.arn}")

    def test_get_it_by_an_instance_profile(self, deployed: TrialStack) -> None:
        """Of a name that the node classes know before it exists."""
        profile = deployed.resource("aws_iam_instance_profile.karpenter_node")
        assert (profile["name"], profile["role"]) == (
            "airflow-dev-karpenter-node",
            "${aws_iam_role.karpenter_node.name}",
        )


class TestQueue:
    @pytest.fixture
    def statements(self, deployed: TrialStack) -> dict[str, dict[str, Any]]:
        """Sid -> statement of the queue's policy."""
        return deployed.statements("aws_sqs_queue_policy.karpenter")

    def test_is_encrypted_and_forgets(self, deployed: TrialStack) -> None:
        """What is older than five minutes helps nobody."""
        queue = deployed.resource("aws_sqs_queue.karpenter")
        assert queue["name"] == "airflow-dev-karpenter"
        assert queue["sqs_managed_sse_enabled"] is True
        assert queue["message_retention_seconds"] == 300

    def test_its_rules_alone_write_to_it(self, statements: dict[str, dict[str, Any]]) -> None:
        """EventBridge for the environment's four rules, over TLS."""
        sending = statements["Events"]
        assert (sending["Principal"], sending["Action"]) == ({"Service": "events.amazonaws.com"}, ["sqs:SendMessage"])
        assert sending["Condition"]["ArnEquals"]["aws:SourceArn"] == [
            f"arn:aws:events:eu-west-1:111122223333:rule/airflow-dev-karpenter-{event}" for event in EVENTS
        ]
        denied = statements["NotWithoutTls"]
        assert (denied["Effect"], denied["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})

    def test_four_rules_lead_to_it(self, deployed: TrialStack) -> None:
        """Spot interruptions, rebalancing, changes of state, and maintenance that AWS announces."""
        stack = deployed.synthesized()
        kinds = {
            json.loads(rule["event_pattern"])["detail-type"][0]
            for rule in stack.resources("aws_cloudwatch_event_rule").values()
        }
        assert kinds == {
            "AWS Health Event",
            "EC2 Instance Rebalance Recommendation",
            "EC2 Instance State-change Notification",
            "EC2 Spot Instance Interruption Warning",
        }
        targets = stack.resources("aws_cloudwatch_event_target")
        assert {target["arn"] for target in targets.values()} == {"${aws_sqs_queue.karpenter.arn}"}
        assert len(targets) == len(kinds)
