"""What Airflow's pods may do in AWS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from constructs.airflow.charts.airflow_chart import worker_name
from constructs.cluster.control_plane import ControlPlane
from constructs.cluster.pod_identity import PodIdentity, PodIdentityProps
from constructs.identity.pod_role import PodRole, PodRoleProps
from constructs.identity.policy import Statement
from constructs.naming.component import Component, Scope
from constructs.naming.names import SECRETS_BACKEND, state_names
from constructs.storage.log_bucket import LogBucket

#: Service accounts of the official chart's components for a release called `airflow`. Chart 1.22 ignores another name
#: for the workers' (apache/airflow#67261), hence these.
SERVICE_ACCOUNTS = (
    "airflow-api-server",
    "airflow-dag-processor",
    "airflow-scheduler",
    "airflow-triggerer",
    "airflow-worker",
)


@dataclass(frozen=True, kw_only=True)
class AirflowPodRoleProps:
    """Inputs of `AirflowPodRole`."""

    control_plane: ControlPlane
    log_bucket: LogBucket
    namespace: str
    policy_arns: Sequence[str] = ()
    """Further policies, for what the DAGs do."""

    worker_set: str | None = None
    """The set of workers whose role it is; None: that of all other pods."""

    secrets_backend: bool = False
    """Airflow looks for connections and variables in Secrets Manager, under the prefixes of `SECRETS_BACKEND`."""


class AirflowPodRole(Component):
    """A role for Airflow's pods: write and read task logs, plus the policies that the environment file names.

    One for all of them, and another one for each set of workers with policies of its own.

    With `secrets_backend` they may also read the environment's connections and variables in Secrets Manager, which are
    the user's to make; those encrypted with a key of the user's own need a policy for that key.
    """

    def __init__(self, scope: Scope, id_: str, props: AirflowPodRoleProps) -> None:
        super().__init__(scope, id_)
        bucket, of_set = props.log_bucket, props.worker_set
        service_accounts = [worker_name(of_set)] if of_set else SERVICE_ACCOUNTS
        role = PodRole(
            self,
            "role",
            PodRoleProps(
                **self._names(of_set),
                namespace=props.namespace,
                service_accounts=service_accounts,
                policies=state_names(props.policy_arns),
                statements=[
                    *(self._secrets() if props.secrets_backend else ()),
                    # A long log goes up in parts: when one fails, boto3 removes the others.
                    Statement(
                        sid="TaskLogs",
                        actions=["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"],
                        resources=[f"{bucket.arn}/*"],
                    ),
                    Statement(sid="ListTaskLogs", actions=["s3:ListBucket"], resources=[bucket.arn]),
                    Statement(
                        sid="TaskLogsKey", actions=["kms:Decrypt", "kms:GenerateDataKey"], resources=[bucket.key.arn]
                    ),
                ],
            ),
        )
        PodIdentity(
            self,
            "pod-identity",
            PodIdentityProps(
                control_plane=props.control_plane,
                role=role,
                namespace=props.namespace,
                service_accounts=service_accounts,
            ),
        )
        self.arn = role.arn

    def _names(self, worker_set: str | None) -> dict[str, str]:
        if worker_set is None:
            return {"name": "airflow", "description": "Airflow's pods"}
        return {
            "name": f"worker_{worker_set.replace('-', '_')}",
            "iam_name": self.names.worker_role(worker_set),
            "description": f"Airflow's workers of the set {worker_set}",
        }

    def _secrets(self) -> list[Statement]:
        prefixes = [self.names.secret(kind) for kind in SECRETS_BACKEND]
        secrets = [self.names.arn("secretsmanager", f"secret:{prefix}/*") for prefix in prefixes]
        return [Statement(sid="ConnectionsAndVariables", actions=["secretsmanager:GetSecretValue"], resources=secrets)]
