"""What Airflow's pods may do in AWS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from constructs.airflow.pod_role import AirflowPodRole, AirflowPodRoleProps
from constructs.cluster.control_plane import ControlPlane
from constructs.storage.log_bucket import LogBucket, LogBucketProps

from tests.unit.trial_stack import TrialStack

Deploy = Callable[..., AirflowPodRole]


@pytest.fixture
def deploy(stack: TrialStack, control_plane: ControlPlane) -> Deploy:
    """Deploy the role, by default with required inputs only."""
    bucket = LogBucket(stack, "log-bucket", LogBucketProps())

    def with_inputs(**changes: Any) -> AirflowPodRole:
        arguments: dict[str, Any] = {
            "control_plane": control_plane,
            "log_bucket": bucket,
            "namespace": "airflow",
        } | changes
        return AirflowPodRole(stack, "airflow-pods", AirflowPodRoleProps(**arguments))

    return with_inputs


class TestWithDefaultConfiguration:
    def test_reads_and_writes_task_logs_only(self, stack: TrialStack, deploy: Deploy) -> None:
        """Objects of the log bucket, its listing, and its key; nothing is deleted, nothing else is reached."""
        deploy()
        statements = stack.statements("aws_iam_role_policy.airflow")
        assert {sid: (s["Action"], s["Resource"]) for sid, s in statements.items()} == {
            "TaskLogs": (["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"], ["${aws_s3_bucket.logs.arn}/*"]),
            "ListTaskLogs": (["s3:ListBucket"], ["${aws_s3_bucket.logs.arn}"]),
            "TaskLogsKey": (["kms:Decrypt", "kms:GenerateDataKey"], ["${aws_kms_key.storage.arn}"]),
        }

    def test_trusts_pods_of_this_cluster_only(self, stack: TrialStack, deploy: Deploy) -> None:
        """Pod Identity is the one principal, for this account's cluster."""
        deploy()
        trust = stack.statements("aws_iam_role.airflow", "assume_role_policy")
        assert list(trust) == ["AssumedByService"]
        assert trust["AssumedByService"]["Principal"] == {"Service": "pods.eks.amazonaws.com"}
        assert trust["AssumedByService"]["Condition"] == {
            "StringEquals": {
                "aws:RequestTag/eks-cluster-arn": "arn:aws:eks:eu-west-1:111122223333:cluster/airflow-dev",
                "aws:RequestTag/kubernetes-namespace": "airflow",
                "aws:RequestTag/kubernetes-service-account": [
                    "airflow-api-server",
                    "airflow-dag-processor",
                    "airflow-scheduler",
                    "airflow-triggerer",
                    "airflow-worker",
                ],
            }
        }

    def test_every_component_that_runs_or_shows_tasks_has_it(self, stack: TrialStack, deploy: Deploy) -> None:
        """The chart's service accounts of a release called airflow, in Airflow's namespace."""
        deploy()
        associations = stack.synthesized().resources("aws_eks_pod_identity_association").values()
        assert {association["service_account"] for association in associations} == {
            "airflow-api-server",
            "airflow-dag-processor",
            "airflow-scheduler",
            "airflow-triggerer",
            "airflow-worker",
        }
        assert {association["namespace"] for association in associations} == {"airflow"}
        assert {association["role_arn"] for association in associations} == {"${aws_iam_role.airflow.arn}"}

    def test_no_further_policy(self, stack: TrialStack, deploy: Deploy) -> None:
        """What the DAGs may do beside logging is for the environment file to say."""
        deploy()
        attachments = stack.synthesized().resources("aws_iam_role_policy_attachment").values()
        assert "${aws_iam_role.airflow.name}" not in {attachment["role"] for attachment in attachments}


class TestWithCustomConfiguration:
    def test_further_policies(self, stack: TrialStack, deploy: Deploy) -> None:
        """Each policy of the file is attached under a readable name."""
        athena = "arn:aws:iam::aws:policy/AmazonAthenaFullAccess"
        deploy(policy_arns=[athena])
        attachment = stack.resource("aws_iam_role_policy_attachment.airflow_policy_AmazonAthenaFullAccess")
        assert attachment == {"role": "${aws_iam_role.airflow.name}", "policy_arn": athena}

    def test_of_a_set_of_workers(self, stack: TrialStack, deploy: Deploy) -> None:
        """Only pods of the set get it; its name has a dot, which no other environment's begins with."""
        deploy(worker_set="a-b", policy_arns=["arn:aws:iam::aws:policy/P"])
        role = stack.resource("aws_iam_role.worker_a_b")
        assert role["name"] == "airflow-dev-worker.a-b"
        condition = stack.statements("aws_iam_role.worker_a_b", "assume_role_policy")["AssumedByService"]["Condition"]
        accounts = condition["StringEquals"]["aws:RequestTag/kubernetes-service-account"]
        assert accounts == ["airflow-worker-a-b"]
        association = stack.resource("aws_eks_pod_identity_association.airflow_worker_a_b")
        assert association["role_arn"] == "${aws_iam_role.worker_a_b.arn}"
        assert "TaskLogs" in stack.statements("aws_iam_role_policy.worker_a_b")
        attachment = stack.resource("aws_iam_role_policy_attachment.worker_a_b_policy_P")
        assert attachment["role"] == "${aws_iam_role.worker_a_b.name}"

    def test_namespace(self, stack: TrialStack, deploy: Deploy) -> None:
        """Pods of another namespace with the same service accounts get nothing."""
        deploy(namespace="workflows")
        associations = stack.synthesized().resources("aws_eks_pod_identity_association").values()
        assert {association["namespace"] for association in associations} == {"workflows"}

    def test_secrets_backend(self, stack: TrialStack, deploy: Deploy) -> None:
        """Connections and variables of this environment can be read; its own secrets, and those of others, cannot."""
        deploy(secrets_backend=True)
        statement = stack.statements("aws_iam_role_policy.airflow")["ConnectionsAndVariables"]
        assert statement["Action"] == ["secretsmanager:GetSecretValue"]
        assert statement["Resource"] == [
            "arn:aws:secretsmanager:eu-west-1:111122223333:secret:airflow-dev/connections/*",
            "arn:aws:secretsmanager:eu-west-1:111122223333:secret:airflow-dev/variables/*",
        ]

    def test_no_secrets_backend(self, stack: TrialStack, deploy: Deploy) -> None:
        """Unless the file asks for it, Airflow's pods read no secret of Secrets Manager."""
        deploy()
        assert "ConnectionsAndVariables" not in stack.statements("aws_iam_role_policy.airflow")
