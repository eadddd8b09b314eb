"""AWS permissions for pods."""

from __future__ import annotations

from constructs.cluster.control_plane import ControlPlane
from constructs.cluster.pod_identity import PodIdentity, PodIdentityProps
from constructs.identity.service_role import ServiceRole, ServiceRoleProps

from tests.unit.trial_stack import TrialStack


class TestPodIdentity:
    def test_one_association_per_service_account(self, stack: TrialStack, control_plane: ControlPlane) -> None:
        """Pods of exactly these service accounts in this namespace act as the role."""
        role = ServiceRole(
            stack, "role", ServiceRoleProps(name="airflow", service="pods.eks.amazonaws.com", description="d")
        )
        props = PodIdentityProps(
            control_plane=control_plane, role=role, namespace="airflow", service_accounts=["airflow-worker", "other"]
        )
        PodIdentity(stack, "pod-identity", props)
        assert stack.names_of("aws_eks_pod_identity_association") == {"airflow_worker", "other"}
        association = stack.resource("aws_eks_pod_identity_association.airflow_worker")
        association.pop("tags")
        assert association == {
            "cluster_name": "${aws_eks_cluster.cluster.id}",
            "namespace": "airflow",
            "service_account": "airflow-worker",
            "role_arn": "${aws_iam_role.airflow.arn}",
        }

    def test_no_service_accounts(self, stack: TrialStack, control_plane: ControlPlane) -> None:
        """Without service accounts nobody acts as the role."""
        role = ServiceRole(
            stack, "role", ServiceRoleProps(name="airflow", service="pods.eks.amazonaws.com", description="d")
        )
        props = PodIdentityProps(control_plane=control_plane, role=role, namespace="airflow", service_accounts=[])
        PodIdentity(stack, "pod-identity", props)
        assert stack.names_of("aws_eks_pod_identity_association") == set()
