"""Section `airflow`: what Airflow gets in the cluster and in AWS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from constructs.settings.sections.airflow.chart import ChartSettings
from constructs.settings.sections.airflow.component import Demand
from constructs.settings.sections.airflow.components import CeleryWorkers, ComponentsSettings, TaskPod
from constructs.settings.sections.airflow.dags import DagsSettings, repository_key
from constructs.settings.sections.airflow.egress import EgressSettings, TaskEgress, reached
from constructs.settings.sections.airflow.executors import Executor
from constructs.settings.sections.airflow.given import (
    Files,
    GivenSettings,
    Variables,
    refuse_absent,
    refuse_alike,
    refuse_too_many_secrets,
)
from constructs.settings.sections.airflow.image import ImageSettings
from constructs.settings.sections.airflow.maintenance import CleanupSettings, LimitRangeSettings, QuotaSettings
from constructs.settings.sections.airflow.pgbouncer import PgbouncerSettings
from constructs.settings.sections.airflow.pod_policies import PodPolicies
from constructs.settings.sections.airflow.pod_roles import PodRoles
from constructs.settings.sections.airflow.sign_in import CALLBACK_PATH, SignInSettings, refuse_without_address
from constructs.settings.sections.airflow.task_pods import TaskPods
from constructs.settings.sections.airflow.trusted_certificates import TrustedCertificates
from constructs.settings.sections.airflow.web import WebSettings
from constructs.settings.sections.airflow.worker_sets import (
    WorkerSets,
    WorkerSetSettings,
    refuse_too_many_policies,
    suit,
    take_default_queue,
)
from constructs.settings.values import facts
from constructs.settings.values.quantities import CPU, MEMORY
from constructs.settings.values.section import Section
from constructs.settings.values.shapes import Shape, mistake
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
    pod_policy_arns: PodPolicies = Field(
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
        description="Your DAGs: `repository`, the URL of a Git repository, and a branch, tag or commit of it; or "
        "`source: bundles` or `source: image`."
    )
    web: WebSettings = Field(
        description="The web UI's address: allowed_cidrs, and either certificate_arn with host_name or "
        "unencrypted_http: true."
    )
    sign_in: SignInSettings | None = Field(
        default=None,
        description="Sign-in by the company's identity provider (OpenID Connect). Default: by password.",
    )
    task_egress: TaskEgress = Field(
        default="any",
        description="What tasks may reach beside what Airflow itself needs: `any` (but for the instance metadata), or "
        "a list of at most 50 IPv4 ranges with a TCP port, such as [10.20.0.0/16:5432]; [] for nothing more. "
        "Not obeyed by the pods of the KubernetesExecutor.",
    )
    egress: EgressSettings = Field(
        default_factory=EgressSettings,
        description="What scheduler, api-server and triggerer may reach beside what Airflow itself needs. Default: "
        "nothing.",
    )
    environment: Variables = Field(
        default=(),
        description="Environment variables for Airflow's pods: `name`, and `value` or `secret` (in Secrets Manager) "
        "with the `components` that get it. At most 20.",
    )
    files: Files = Field(
        default=(),
        description="Files for Airflow's pods, to read: `name`, `path`, and `value` or `secret` with the `components` "
        "that get it. At most 20.",
    )
    trusted_certificates: TrustedCertificates | None = Field(
        default=None,
        description="Certificates (PEM) of authorities of your own that Airflow's pods and git-sync trust beside the "
        "public ones. Default: the public ones.",
    )
    secrets_backend: bool = Field(
        default=False,
        description="true: Airflow also finds connections and variables in Secrets Manager, under "
        "airflow-<name>/connections/ and airflow-<name>/variables/.",
    )
    components: ComponentsSettings = Field(
        default_factory=ComponentsSettings, description="How many pods each component has, and of what size."
    )
    workers: WorkerSets = Field(
        default_factory=dict,
        description="Further sets of workers by name, each for queues of its own: other sizes, numbers, permissions. "
        "At most 10. Default: none, and airflow.components.workers run everything.",
    )
    task_pods: TaskPods = Field(
        default_factory=dict,
        description="Further templates by name for the pods of the KubernetesExecutor's tasks: other sizes, on other "
        "nodes. At most 20. Default: none, and airflow.components.task_pod is what all tasks have.",
    )
    pod_roles: PodRoles = Field(
        default_factory=dict,
        description="Service accounts by name, each with a role in AWS of its own, for pods that tasks start "
        "(KubernetesPodOperator). At most 10. Default: none.",
    )
    allow_pod_launching: bool = Field(
        default=False,
        description="true: tasks in Celery's workers, and triggers, may start pods in Airflow's namespace. Whoever "
        "writes a DAG then reads every secret of Airflow's, as with a KubernetesExecutor.",
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
        return self.own_image.reference if self.own_image else f"{OFFICIAL_IMAGE}:{self.version}"

    @property
    def own_image(self) -> ImageSettings | None:
        """The image of the user's own that pods run; None while there is only a repository for it."""
        return self.image if self.image and self.image.is_chosen else None

    @property
    def callback_url(self) -> str | None:
        """Where the identity provider sends people back to, as it wants to be told; None without one."""
        return f"{self.web.url}{CALLBACK_PATH}{self.sign_in.provider}" if self.sign_in else None

    @property
    def uses_celery(self) -> bool:
        """Whether there are workers, and Redis between them and the scheduler."""
        return "CeleryExecutor" in self.executor

    @property
    def uses_kubernetes(self) -> bool:
        """Whether tasks may run in pods of their own."""
        return "KubernetesExecutor" in self.executor

    @property
    def worker_sets(self) -> Mapping[str, WorkerSetSettings]:
        """The sets of workers beside the default ones; none without Celery."""
        return self.workers if self.uses_celery else {}

    @property
    def task_pod_templates(self) -> Mapping[str, TaskPod]:
        """The templates beside the default one; none without a KubernetesExecutor."""
        return self.task_pods if self.uses_kubernetes else {}

    @property
    def task_pod_demands(self) -> Mapping[str, Demand]:
        """What the pod of a task asks for, by the default template and by each other; none where there are no such."""
        if not self.uses_kubernetes:
            return {}
        of_templates = {f"task_pods.{name}": each.demand for name, each in self.task_pod_templates.items()}
        return {"task_pod": self.components.task_pod.demand, **of_templates}

    @property
    def celery_workers(self) -> Mapping[str, CeleryWorkers]:
        """The default workers and those of each set, by the key of their settings; none without Celery."""
        sets = {f"airflow.workers.{name}": each for name, each in self.worker_sets.items()}
        return {"airflow.components.workers": self.components.workers, **sets} if self.uses_celery else {}

    @property
    def autoscales(self) -> bool:
        """Whether KEDA is there, as something has as many pods as there is work for."""
        return any(each.autoscaling for each in (self.components.triggerer, *self.celery_workers.values()))

    @property
    def given_secret_names(self) -> Sequence[str]:
        """Secrets of the user's that variables and files come from, each once."""
        return list(dict.fromkeys(each.secret for each in (*self.environment, *self.files) if each.secret))

    @property
    def all_policy_arns(self) -> Sequence[str]:
        """The policies of all of Airflow's pods and of single sets of workers, each once."""
        of_sets = (arn for each in self.workers.values() for arn in each.pod_policy_arns or ())
        launched = (arn for each in self.pod_roles.values() for arn in each.policy_arns)
        return list(dict.fromkeys([*self.pod_policy_arns, *of_sets, *launched]))

    @property
    def pods(self) -> Mapping[str, tuple[int, Demand]]:
        """The pods that are always there: component -> how many, and what each asks for with its sidecars.

        A set of workers is called `workers.<name>`.
        """
        return self._counted(most=False)

    @property
    def most_pods(self) -> Mapping[str, tuple[int, Demand]]:
        """The same with as many pods as there may be."""
        return self._counted(most=True)

    def _counted(self, *, most: bool) -> Mapping[str, tuple[int, Demand]]:
        git_sync = self.dags.uses_git_sync
        return _pods(self.components, self.workers, workers=self.uses_celery, git_sync=git_sync, most=most)

    @model_validator(mode="before")
    @classmethod
    def _note_what_is_written(cls, values: Any) -> Any:
        written = values.model_fields_set if isinstance(values, AirflowSettings) else values
        if isinstance(written, set | Mapping):
            facts.note("airflow_version_is_written", "version" in written)
        # Read ahead: the section that is checked against it stands further up.
        sets = values.get("workers") if isinstance(values, Mapping) else None
        facts.note("default_queue_is_taken", isinstance(sets, Mapping) and take_default_queue(sets))
        return values

    @field_validator("executor")
    @classmethod
    def _note_executor(cls, executor: str) -> str:
        facts.note("executor", executor)
        return executor

    @field_validator("components")
    @classmethod
    def _note_replicas(cls, components: ComponentsSettings) -> ComponentsSettings:
        facts.note("pgbouncer_replicas", components.pgbouncer.replicas)
        return components

    @field_validator("workers")
    @classmethod
    def _suit(cls, sets: Mapping[str, WorkerSetSettings], info: ValidationInfo) -> Mapping[str, WorkerSetSettings]:
        components = info.data.get("components")
        suit(sets, components and components.workers)
        refuse_too_many_policies(info.data.get("pod_policy_arns", ()), sets)
        return sets

    @field_validator("environment", "files")
    @classmethod
    def _have_a_place(cls, given: tuple[Any, ...], info: ValidationInfo) -> tuple[GivenSettings, ...]:
        refuse_alike(given)
        refuse_too_many_secrets([*given, *info.data.get("environment", ())])
        if executor := info.data.get("executor"):
            absent = {"CeleryExecutor": "workers", "KubernetesExecutor": "task_pod"}
            refuse_absent(given, [name for part, name in absent.items() if part not in executor], executor)
        return given

    @field_validator("dags")
    @classmethod
    def _are_in_an_image_of_ones_own(cls, dags: DagsSettings, info: ValidationInfo) -> DagsSettings:
        image = info.data.get("image")
        if dags.needs_own_image and image and not image.is_chosen:
            raise mistake(
                allowed="git_sync or bundles alone, while airflow.image says no tag or digest: the official image runs",
                fix="add airflow.image.tag or airflow.image.digest of an image with your DAGs in it",
                note="airflow.image.repository is managed",
            )
        if dags.needs_own_image and "image" in info.data and image is None:
            named = "source is image" if dags.source == "image" else "image_too is true"
            raise mistake(
                allowed="git_sync or bundles alone, without an image of your own: the official one has no DAGs",
                fix="add airflow.image, built with your DAGs in it; or airflow.dags.repository in place of source"
                if dags.source == "image"
                else "add airflow.image, built with your DAGs in it; or remove airflow.dags.image_too",
                note=f"airflow.dags.{named}",
            )
        return dags

    @field_validator("sign_in")
    @classmethod
    def _has_an_address(cls, sign_in: SignInSettings | None, info: ValidationInfo) -> SignInSettings | None:
        refuse_without_address(sign_in, info.data.get("web"))
        return sign_in

    @field_validator("pod_roles")
    @classmethod
    def _can_be_named(cls, roles: PodRoles, info: ValidationInfo) -> PodRoles:
        launched = (arn for each in roles.values() for arn in each.policy_arns)
        refuse_too_many_policies((*info.data.get("pod_policy_arns", ()), *launched), info.data.get("workers", {}))
        return roles

    @field_validator("task_egress")
    @classmethod
    def _lets_git_through(cls, egress: str | tuple[str, ...], info: ValidationInfo) -> str | tuple[str, ...]:
        dags: DagsSettings | None = info.data.get("dags")
        for name, repository in (dags.repositories if dags else {}).items():
            address, port = repository.private_address, repository.port
            if address and not reached(egress, address, port):
                raise mistake(
                    allowed=f"a destination for {repository_key(name)}.repository too, which is at a private address: "
                    f"{address} and port {port}; public addresses are reached without being named, and these alone",
                    fix=f"add {address}/32:{port}",
                )
        return egress

    @field_validator("egress")
    @classmethod
    def _adds_to_a_list(cls, egress: EgressSettings, info: ValidationInfo) -> EgressSettings:
        if egress.triggerer and info.data.get("task_egress") == "any":
            raise mistake(
                allowed="nothing in airflow.egress.triggerer while airflow.task_egress is any: triggers reach "
                "everything",
                fix="remove airflow.egress.triggerer, or write a list in airflow.task_egress",
            )
        return egress

    @field_validator("quota")
    @classmethod
    def _suffices(cls, quota: QuotaSettings | None, info: ValidationInfo) -> QuotaSettings | None:
        components, executor, sets = (info.data.get(name) for name in ("components", "executor", "workers"))
        if quota is None or components is None or executor is None or sets is None:
            return quota
        dags: DagsSettings | None = info.data.get("dags")
        git_sync = dags is None or dags.uses_git_sync
        there = _pods(components, sets, workers="CeleryExecutor" in executor, git_sync=git_sync, most=True).values()
        demands = [each for count, each in there for _ in range(count)]
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


def _pods(
    components: ComponentsSettings,
    sets: Mapping[str, WorkerSetSettings],
    *,
    workers: bool,
    git_sync: bool,
    most: bool = False,
) -> dict[str, tuple[int, Demand]]:
    of_sets = {
        f"workers.{name}": (each.count(most=most), components.with_sidecars(each, git_sync=git_sync))
        for name, each in sets.items()
    }
    return {**components.pods(workers=workers, git_sync=git_sync, most=most), **(of_sets if workers else {})}
