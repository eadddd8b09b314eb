"""Pods that tasks start: their role in AWS, their service account, and who may start them."""

from __future__ import annotations

from constructs.airflow.launched_pod_role import LaunchedPodRole, LaunchedPodRoleProps
from constructs.airflow.launched_pods import LaunchedPods, LaunchedPodsProps
from constructs.cluster.control_plane import ControlPlane

from tests.unit.trial_stack import TrialStack

POLICY = "arn:aws:iam::aws:policy/AmazonAthenaFullAccess"


class TestRole:
    def test_has_the_named_policies_and_no_other(self, stack: TrialStack, control_plane: ControlPlane) -> None:
        """Nothing of Airflow's own, its logs among them; for pods of one account of this namespace and cluster."""
        props = LaunchedPodRoleProps(
            control_plane=control_plane, namespace="airflow", service_account="my-reports", policy_arns=[POLICY]
        )
        LaunchedPodRole(stack, "pod", props)
        assert stack.resource("aws_iam_role.pod_my_reports")["name"] == "airflow-dev-pod.my-reports"
        attached = stack.resource("aws_iam_role_policy_attachment.pod_my_reports_policy_AmazonAthenaFullAccess")
        assert attached["policy_arn"] == POLICY
        assert "pod_my_reports" not in stack.names_of("aws_iam_role_policy")
        condition = stack.statements("aws_iam_role.pod_my_reports", "assume_role_policy")["AssumedByService"][
            "Condition"
        ]
        assert condition["StringEquals"]["aws:RequestTag/kubernetes-service-account"] == ["my-reports"]
        assert condition["StringEquals"]["aws:RequestTag/kubernetes-namespace"] == "airflow"
        association = stack.resource("aws_eks_pod_identity_association.pod_my_reports")
        assert (association["namespace"], association["service_account"]) == ("airflow", "my-reports")
        assert association["role_arn"] == "${aws_iam_role.pod_my_reports.arn}"


class TestCluster:
    def test_service_accounts_have_no_token(self, stack: TrialStack) -> None:
        """A pod that a task starts asks the Kubernetes API for nothing."""
        LaunchedPods(stack, "pods", LaunchedPodsProps(namespace="airflow", service_accounts=["my-reports"]))
        account = stack.resource("kubernetes_service_account_v1.pod_my_reports")
        assert (account["metadata"]["name"], account["metadata"]["namespace"]) == ("my-reports", "airflow")
        assert account["automount_service_account_token"] is False
        assert not stack.names_of("kubernetes_role_binding_v1")

    def test_sets_of_workers_start_pods_as_the_default_ones_do(self, stack: TrialStack) -> None:
        """The chart's binding names the default workers' account alone; those of sets are bound to the same role."""
        props = LaunchedPodsProps(namespace="airflow", service_accounts=[], launching_sets=["large"])
        LaunchedPods(stack, "pods", props)
        binding = stack.resource("kubernetes_role_binding_v1.launching_sets")
        assert binding["role_ref"]["name"] == "airflow-pod-launcher-role"
        [subject] = binding["subject"]
        assert (subject["kind"], subject["name"]) == ("ServiceAccount", "airflow-worker-large")

    def test_nothing_without_any(self, stack: TrialStack) -> None:
        """An environment that starts no pods has no object more."""
        LaunchedPods(stack, "pods", LaunchedPodsProps(namespace="airflow", service_accounts=[]))
        assert not stack.synthesized().document.get("resource")
