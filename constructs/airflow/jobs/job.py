"""A command of Airflow's that runs to its end while Terraform waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_kubernetes.job_v1 import (
    JobV1,
    JobV1SpecTemplateSpecContainer,
    JobV1SpecTemplateSpecContainerEnv,
    JobV1SpecTemplateSpecContainerVolumeMount,
    JobV1SpecTemplateSpecImagePullSecrets,
    JobV1SpecTemplateSpecVolume,
)
from constructs.airflow.charts.airflow_chart import pod_labels
from constructs.airflow.jobs.commands import JOB_ENVIRONMENT, ROOT_CERTIFICATES_FOLDER
from constructs.airflow.secrets import secret_names
from constructs.naming.component import Component, Scope
from constructs.settings.values.terraform_text import terraform_literal

#: The user of Airflow's image (chart: `uid`, `gid`); PodSecurity `restricted` wants the number said.
AIRFLOW_UID = 50000

#: What all jobs read: the database itself, and what it is encrypted with. Variable -> secret and its key.
_SECRETS = {
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": (secret_names.DATABASE, "connection"),
    "AIRFLOW__CORE__FERNET_KEY": (secret_names.FERNET, "fernet-key"),
}


@dataclass(frozen=True, kw_only=True)
class JobProps:
    """Inputs of `Job`."""

    name: str
    """Name in the state; `airflow-<name>` in the cluster and `<name>-job` as the pods' label `component`."""

    namespace: str
    image: str
    command: str
    """A Bash script."""

    environment: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Environment variable -> Kubernetes secret and its key, beside those that every job reads."""

    image_pull_secret: str | None = None
    cpu: str = "250m"
    memory: str = "1Gi"
    """The CLI loads all of Airflow: half of it would do, most of the time."""

    attempts: int = 3
    deadline_seconds: int = 900
    """When Kubernetes ends it for good; Terraform waits somewhat longer, so that the reason stands in the job."""

    depends_on: Sequence[ITerraformDependable] = ()


class Job(Component):
    """A Kubernetes job with Airflow's own image, straight against RDS over verified TLS, without any API token.

    Jobs can't be changed in Kubernetes: with another image, command or environment Terraform deletes it and runs a new
    one. One that fails stops the apply, is tainted and so runs again with the next; what is released stays untouched.
    It is not removed when it is done, or every plan would want to run it again.
    """

    def __init__(self, scope: Scope, id_: str, props: JobProps) -> None:
        super().__init__(scope, id_)
        component = f"{props.name}-job"
        labels = {**self.labels.kubernetes, **pod_labels(component)}
        pull = [JobV1SpecTemplateSpecImagePullSecrets(name=props.image_pull_secret)] if props.image_pull_secret else []
        self.resource = self.add(
            JobV1,
            props.name,
            metadata={"name": f"airflow-{props.name}", "namespace": props.namespace, "labels": labels},
            spec={
                "backoff_limit": props.attempts - 1,
                "active_deadline_seconds": props.deadline_seconds,
                "template": {
                    "metadata": {"labels": labels},
                    "spec": {
                        "restart_policy": "Never",
                        "automount_service_account_token": False,
                        "enable_service_links": False,
                        "image_pull_secrets": pull,
                        "security_context": {
                            "run_as_user": str(AIRFLOW_UID),
                            "run_as_group": "0",
                            "fs_group": "0",
                            "run_as_non_root": True,
                            "seccomp_profile": {"type": "RuntimeDefault"},
                        },
                        "container": [_container(props)],
                        "volume": [
                            JobV1SpecTemplateSpecVolume(name="rds-ca", config_map={"name": secret_names.RDS_ROOTS})
                        ],
                    },
                },
            },
            wait_for_completion=True,
            timeouts=dict.fromkeys(("create", "update", "delete"), f"{props.deadline_seconds + 60}s"),
            depends_on=list(props.depends_on),
        )


def _container(props: JobProps) -> JobV1SpecTemplateSpecContainer:
    variables = {**JOB_ENVIRONMENT, **props.environment}
    return JobV1SpecTemplateSpecContainer(
        name=props.name,
        image=props.image,
        args=["bash", "-c", terraform_literal(props.command)],
        env=[
            *(JobV1SpecTemplateSpecContainerEnv(name=name, value=value) for name, value in variables.items()),
            *(
                JobV1SpecTemplateSpecContainerEnv(
                    name=name, value_from={"secret_key_ref": {"name": secret, "key": key}}
                )
                for name, (secret, key) in {**_SECRETS, **props.secrets}.items()
            ),
        ],
        volume_mount=[
            JobV1SpecTemplateSpecContainerVolumeMount(
                name="rds-ca", mount_path=ROOT_CERTIFICATES_FOLDER, read_only=True
            )
        ],
        resources={
            "requests": {"cpu": props.cpu, "memory": props.memory},
            "limits": {"cpu": "2", "memory": props.memory},
        },
        security_context={
            "allow_privilege_escalation": False,
            # The pod says it too, but the provider writes `false` here where nothing is said, and that counts.
            "run_as_non_root": True,
            "capabilities": {"drop": ["ALL"]},
        },
        # Kubernetes shows the end of a failed container's log as the job's reason.
        termination_message_policy="FallbackToLogsOnError",
    )
