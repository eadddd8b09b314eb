"""The components of section `airflow`: how many of each, and what each of their containers gets."""

from __future__ import annotations

from typing import Annotated, ClassVar

from constructs.settings.sections.airflow.component import (
    AutoscaledComponent,
    Component,
    Cpu,
    Demand,
    Memory,
    PodComponent,
    ReplicatedComponent,
)
from constructs.settings.values import facts
from constructs.settings.values.quantities import CPU, MEMORY
from constructs.settings.values.section import Section
from constructs.settings.values.shapes import Whole, mistake
from pydantic import Field, field_validator

#: The queue of tasks that name none (Airflow's `operators.default_queue`).
DEFAULT_QUEUE = "default"


class ApiServer(ReplicatedComponent):
    """The web UI and the API that tasks talk to: several processes."""

    carries_the_rest: ClassVar[bool] = True

    cpu: Cpu = "250m"
    memory: Memory = "1536Mi"


class Scheduler(ReplicatedComponent):
    """Decides what runs next."""

    carries_the_rest: ClassVar[bool] = True

    cpu: Cpu = "250m"
    memory: Memory = "1Gi"


class DagProcessor(ReplicatedComponent):
    """Reads the DAG files, two at a time."""

    cpu: Cpu = "200m"
    memory: Memory = "1Gi"


class Triggerer(AutoscaledComponent):
    """Waits on behalf of deferred tasks."""

    cpu: Cpu = "100m"
    memory: Memory = "768Mi"


class CeleryWorkers(AutoscaledComponent):
    """Run tasks of the CeleryExecutor."""

    cpu: Cpu = "400m"
    memory: Memory = "2Gi"
    concurrency: Annotated[int, Whole(1, 64, "tasks")] = Field(
        default=8,
        description="How many tasks each worker runs at once, 1 to 64; its memory has to suffice for all of them "
        "(about 200 Mi each).",
    )
    termination_grace_seconds: Annotated[int, Whole(30, 86_400, "seconds")] = Field(
        default=600,
        description="How long a worker that is being replaced waits for its running tasks, in seconds, 30 to 86400. "
        "EKS gives a node that it replaces 15 minutes (900), however long this is.",
    )


class Workers(CeleryWorkers):
    """Run the tasks that name no queue."""

    replicas: Annotated[int, Whole(0, 200, "replicas")] = Field(
        default=1,
        description="How many pods, 0 to 200; with 0 a set of airflow.workers has to take the queue `default`.",
    )

    @field_validator("replicas")
    @classmethod
    def _leave_no_queue_alone(cls, replicas: int) -> int:
        known = facts.known()
        if replicas == 0 and not known.default_queue_is_taken:
            raise mistake(
                allowed=f"1 to 200 replicas, or 0 beside a set of airflow.workers with the queue {DEFAULT_QUEUE}: "
                "nobody else runs tasks that name no queue",
                fix=f"write 1 or more, or {DEFAULT_QUEUE} among the queues of a set in airflow.workers",
            )
        if replicas == 0 and known.executor is not None and "KubernetesExecutor" in known.executor:
            raise mistake(
                allowed=f"1 to 200 replicas with executor {known.executor}: the chart makes the service account of "
                "task pods for these workers",
                fix="write 1 or more, or airflow.executor: CeleryExecutor",
            )
        return replicas


class Pgbouncer(ReplicatedComponent):
    """Shares few connections to the database among all components."""

    carries_the_rest: ClassVar[bool] = True

    cpu: Cpu = "50m"
    memory: Memory = "128Mi"


class Redis(PodComponent):
    """The queue between scheduler and workers; always one."""

    carries_the_rest: ClassVar[bool] = True

    cpu: Cpu = "50m"
    memory: Memory = "256Mi"
    volume_size_gib: Annotated[int, Whole(1, 1024, "GiB")] = Field(
        default=1,
        description="Size of the volume that keeps the queue over a restart, in GiB, 1 to 1024. Read when it is made.",
    )


class Statsd(PodComponent):
    """Turns Airflow's metrics into Prometheus' form; always one."""

    cpu: Cpu = "20m"
    memory: Memory = "128Mi"


class GitSync(Component):
    """Fetches the DAGs, beside each DAG processor, triggerer and worker."""

    cpu: Cpu = "20m"
    memory: Memory = "128Mi"


class LogGroomer(Component):
    """Deletes old log files, beside each scheduler, DAG processor, triggerer and worker."""

    cpu: Cpu = "10m"
    memory: Memory = "128Mi"


class TaskPod(PodComponent):
    """The pod that the KubernetesExecutor starts for each task."""

    cpu: Cpu = "250m"
    memory: Memory = "1Gi"

    @property
    def demand(self) -> Demand:
        """What the pod asks for."""
        return _together(self)


class ComponentsSettings(Section):
    """Sizes, chosen so that one of each fits on two m7g.large with room to replace any one of them."""

    api_server: ApiServer = Field(
        default_factory=ApiServer, description="Web UI and API. Two or more: restarts go unnoticed."
    )
    scheduler: Scheduler = Field(
        default_factory=Scheduler, description="Decides what runs next. Two: the second takes over at once."
    )
    dag_processor: DagProcessor = Field(default_factory=DagProcessor, description="Reads the DAG files.")
    triggerer: Triggerer = Field(
        default_factory=Triggerer, description="Waits on behalf of deferred tasks, hundreds of them."
    )
    workers: Workers = Field(
        default_factory=Workers, description="Run the tasks; there are none with executor KubernetesExecutor."
    )
    pgbouncer: Pgbouncer = Field(
        default_factory=Pgbouncer, description="Pools the connections to the database, for each replica apart."
    )
    redis: Redis = Field(
        default_factory=Redis, description="Queue of tasks, one pod; there is none with executor KubernetesExecutor."
    )
    statsd: Statsd = Field(default_factory=Statsd, description="Metrics for Prometheus, one pod.")
    git_sync: GitSync = Field(
        default_factory=GitSync,
        description="The container that fetches the DAGs, beside each DAG processor, triggerer and worker; none with "
        "airflow.dags.source: image.",
    )
    log_groomer: LogGroomer = Field(
        default_factory=LogGroomer,
        description="The container that deletes old log files, beside each scheduler, DAG processor, triggerer and "
        "worker.",
    )
    task_pod: TaskPod = Field(
        default_factory=TaskPod, description="The pod of each task that the KubernetesExecutor runs."
    )

    def pods(self, *, workers: bool, git_sync: bool, most: bool = False) -> dict[str, tuple[int, Demand]]:
        """Return the pods that are always there, or the `most` there may be: component -> how many, and what each asks.

        Sidecars of a few megabytes are left out.
        """
        groomed = (*((self.git_sync,) if git_sync else ()), self.log_groomer)
        pods = {
            "api_server": (self.api_server.replicas, _together(self.api_server)),
            "scheduler": (self.scheduler.replicas, _together(self.scheduler, self.log_groomer)),
            "dag_processor": (self.dag_processor.replicas, _together(self.dag_processor, *groomed)),
            "triggerer": (self.triggerer.count(most=most), _together(self.triggerer, *groomed)),
            "pgbouncer": (self.pgbouncer.replicas, _together(self.pgbouncer)),
            "statsd": (1, _together(self.statsd)),
        }
        if workers:
            pods["workers"] = (self.workers.count(most=most), self.with_sidecars(self.workers, git_sync=git_sync))
            pods["redis"] = (1, _together(self.redis))
        return pods

    def with_sidecars(self, workers: CeleryWorkers, *, git_sync: bool) -> Demand:
        """Return what a worker asks for together with its sidecars."""
        return _together(workers, *((self.git_sync,) if git_sync else ()), self.log_groomer)


def _together(*containers: Component) -> Demand:
    """What a pod of these containers asks for."""
    return Demand(
        sum(CPU.amount(container.cpu) for container in containers),
        sum(MEMORY.amount(container.memory) for container in containers),
        1,
    )
