"""Section `airflow`: what Airflow gets in the cluster and in AWS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from constructs.settings.sections.airflow.chart import ChartSettings
from constructs.settings.sections.airflow.components import ComponentsSettings, Demand
from constructs.settings.sections.airflow.dags import DagsSettings
from constructs.settings.sections.airflow.egress import TaskEgress, reached
from constructs.settings.sections.airflow.executors import Executor
from constructs.settings.sections.airflow.image import ImageSettings
from constructs.settings.sections.airflow.maintenance import CleanupSettings, LimitRangeSettings, QuotaSettings
from constructs.settings.sections.airflow.pgbouncer import PgbouncerSettings
from constructs.settings.sections.airflow.web import WebSettings
from constructs.settings.values import facts
from constructs.settings.values.arns import PolicyArn
from constructs.settings.values.quantities import CPU, MEMORY
from constructs.settings.values.section import Section
from constructs.settings.values.shapes import Count, Shape, mistake
from constructs.settings.values.versions import AirflowVersion
from constructs.versions.table import proven
from pydantic import Field, ValidationInfo, field_validator, model_validator

#: What the project is tested with.
TESTED_VERSION = proven("airflow")

OFFICIAL_IMAGE = "apache/airflow"

Namespace = Annotated[
    str,
    Shape(
        r"(?!default$|kube-)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?",
        allowed="the name of a Kubernetes namespace: 1 to 63 lower-case letters, digits and hyphens inside, "
        "neither default nor kube-...",
        fix="write a name such as airflow",
    ),
]


class AirflowSettings(Section):
    """Airflow: its version, its DAGs, its web UI, and what it may reach and use."""

    namespace: Namespace = Field(
        default="airflow",
        description="Kubernetes namespace of Airflow, 1 to 63 lower-case letters, digits and hyphens; "
        "not default, not kube-....",
    )
    version: AirflowVersion = Field(
        default=TESTED_VERSION,
        description='Version of Airflow in quotes, "3.2.0" or newer. The project is tested with '
        f'"{TESTED_VERSION}". There is no way back to an older one: its database would not fit.',
    )
    executor: Executor = Field(
        default="CeleryExecutor",
        description="How tasks run: `CeleryExecutor` on workers that are always there, `KubernetesExecutor` in a pod "
        "for each task, or `CeleryExecutor,KubernetesExecutor`: tasks choose, the first is their default.",
    )
    pod_policy_arns: Annotated[tuple[PolicyArn, ...], Count(0, 8, "policies")] = Field(
        default=(),
        description="ARNs of IAM policies that Airflow's pods, and so all DAGs, get beside access to the log bucket: "
        "this account's own or AWS's (arn:aws:iam::aws:policy/...). At most 8.",
    )
    image: ImageSettings | None = Field(
        default=None,
        description="An image of your own, with Python packages that your DAGs need. Default: apache/airflow of that "
        "version.",
    )
    chart: ChartSettings = Field(default_factory=ChartSettings, description="Where the Helm charts come from.")
    dags: DagsSettings = Field(
        description="The Git repository of your DAGs: at least `repository`, its URL; a branch, tag or commit of it."
    )
    web: WebSettings = Field(
        description="The web UI's address: allowed_cidrs, and either certificate_arn with host_name or "
        "unencrypted_http: true."
    )
    task_egress: TaskEgress = Field(
        default="any",
        description="What tasks may reach beside what Airflow itself needs: `any` (but for the instance metadata), or "
        "a list of at most 50 IPv4 ranges with a TCP port, such as [10.20.0.0/16:5432]; [] for nothing more. "
        "Not obeyed by the pods of the KubernetesExecutor.",
    )
    secrets_backend: bool = Field(
        default=False,
        description="true: Airflow also finds connections and variables in Secrets Manager, under "
        "airflow-<name>/connections/ and airflow-<name>/variables/.",
    )
    components: ComponentsSettings = Field(
        default_factory=ComponentsSettings, description="How many pods each component has, and of what size."
    )
    pgbouncer: PgbouncerSettings = Field(
        default_factory=PgbouncerSettings, description="Connections to the database, and who may share them."
    )
    quota: QuotaSettings | None = Field(
        default=None, description="The most that all pods of the namespace may ask for. Default: no such limit."
    )
    limit_range: LimitRangeSettings | None = Field(
        default=None,
        description="What containers get that name nothing themselves. Default: nothing is added. Use it with quota, "
        "which refuses such pods otherwise.",
    )
    cleanup: CleanupSettings | None = Field(
        default=None, description="A job that deletes old rows of the metadata database. Default: they stay."
    )
    scraping: bool = Field(
        default=False,
        description="true: the metrics of Airflow and PgBouncer are annotated for Prometheus, which finds them so.",
    )

    @property
    def image_reference(self) -> str:
        """The image of all of Airflow's containers: one of the user's own, or the official one of the version."""
        return self.image.reference if self.image else f"{OFFICIAL_IMAGE}:{self.version}"

    @property
    def uses_celery(self) -> bool:
        """Whether there are workers, and Redis between them and the scheduler."""
        return "CeleryExecutor" in self.executor

    @property
    def uses_kubernetes(self) -> bool:
        """Whether tasks may run in pods of their own."""
        return "KubernetesExecutor" in self.executor

    @model_validator(mode="before")
    @classmethod
    def _note_version(cls, values: Any) -> Any:
        written = values.model_fields_set if isinstance(values, AirflowSettings) else values
        if isinstance(written, set | Mapping):
            facts.note("airflow_version_is_written", "version" in written)
        return values

    @field_validator("pod_policy_arns")
    @classmethod
    def _pass_the_boundary(cls, arns: tuple[str, ...]) -> tuple[str, ...]:
        if arns and facts.known().bounded_pods:
            raise mistake(
                allowed="none without delivery.pod_actions: with section delivery a boundary bounds the pods, and lets "
                "through what is listed there",
                fix="add what these policies allow to delivery.pod_actions, for instance [glue:*]",
            )
        return arns

    @field_validator("components")
    @classmethod
    def _note_replicas(cls, components: ComponentsSettings) -> ComponentsSettings:
        facts.note("pgbouncer_replicas", components.pgbouncer.replicas)
        return components

    @field_validator("task_egress")
    @classmethod
    def _lets_git_through(cls, egress: str | tuple[str, ...], info: ValidationInfo) -> str | tuple[str, ...]:
        dags: DagsSettings | None = info.data.get("dags")
        address = dags and dags.private_address
        if not dags or not address or reached(egress, address, dags.port):
            return egress
        raise mistake(
            allowed=f"a destination for airflow.dags.repository too, which is at a private address: {address} and port "
            f"{dags.port}; git-sync reaches public addresses by itself, and these alone",
            fix=f"add {address}/32:{dags.port}",
        )

    @field_validator("quota")
    @classmethod
    def _suffices(cls, quota: QuotaSettings | None, info: ValidationInfo) -> QuotaSettings | None:
        components, executor = info.data.get("components"), info.data.get("executor")
        if quota is None or components is None or executor is None:
            return quota
        demands: list[Demand] = components.demands(workers="CeleryExecutor" in executor)
        wanted = sum(demands, Demand.most(demands))
        small = [
            name
            for name, given, least in (
                ("cpu", CPU.amount(quota.cpu), wanted.millicores),
                ("memory", MEMORY.amount(quota.memory), wanted.mebibytes),
                ("pods", quota.pods, wanted.pods),
            )
            if given < least
        ]
        if small:
            raise mistake(
                allowed=f"cpu of {CPU.text(wanted.millicores)}, memory of {MEMORY.text(wanted.mebibytes)} and "
                f"{wanted.pods} pods, or more: airflow.components asks for that, the largest pod once more while it is "
                "replaced",
                fix=f"raise airflow.quota.{small[0]}, or lower airflow.components",
                note=f"too small: {', '.join(small)}",
            )
        return quota
