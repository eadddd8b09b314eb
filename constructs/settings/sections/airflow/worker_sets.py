"""Sets of workers beside the default ones in section `airflow`: each takes tasks from queues of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Annotated

from constructs.settings.sections.airflow.components import DEFAULT_QUEUE, CeleryWorkers, Workers
from constructs.settings.sections.airflow.pod_policies import PodPolicies
from constructs.settings.values.shapes import Count, Shape, Whole, mistake
from pydantic import Field

#: Policies of all pods together: the role that deploys names each of them in its own policies, which IAM limits.
MOST_POLICIES = 14

WorkerSetName = Annotated[
    str,
    Shape(
        r"(?!default$)[a-z]([a-z0-9-]{0,18}[a-z0-9])?",
        allowed="1 to 20 lower-case letters, digits and hyphens inside, starting with a letter; not default: those are "
        "airflow.components.workers",
        fix="choose a name such as large",
        longest=20,
    ),
]
#: It stands in a command, and in an SQL query.
Queue = Annotated[
    str,
    Shape(
        r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}",
        allowed="the name of a queue: 1 to 100 letters, digits and _ . -, starting with a letter or digit",
        fix="write what tasks have as queue=..., such as large",
        longest=100,
    ),
]


class WorkerSetSettings(CeleryWorkers):
    """Workers for tasks of certain queues: of another size, on other nodes, with other permissions."""

    queues: Annotated[tuple[Queue, ...], Count(1, 20, "queues")] = Field(
        description="Queues whose tasks they run, 1 to 20: what tasks have as queue=... in their DAG. A queue belongs "
        "to one set."
    )
    replicas: Annotated[int, Whole(0, 200, "replicas")] = Field(
        default=1, description="How many pods, 0 to 200; with 0 tasks of their queues wait."
    )
    pod_policy_arns: PodPolicies | None = Field(
        default=None,
        description="ARNs of IAM policies that these workers get by a role of their own, beside access to the log "
        "bucket and instead of airflow.pod_policy_arns. At most 8. Default: the role of all of Airflow's pods.",
    )

    @property
    def has_own_role(self) -> bool:
        """Whether they have a role in AWS, and so a service account, that no other pods have."""
        return self.pod_policy_arns is not None


WorkerSets = Annotated[Mapping[WorkerSetName, WorkerSetSettings], Count(0, 10, "sets")]


def take_default_queue(sets: Mapping[str, object]) -> bool:
    """Whether one of the sets, as the file has them, takes the tasks that name no queue."""
    written = [each.get("queues") for each in sets.values() if isinstance(each, Mapping)]
    return any(isinstance(queues, list) and DEFAULT_QUEUE in queues for queues in written)


def suit(sets: Mapping[str, WorkerSetSettings], default: Workers | None) -> None:
    """Refuse sets that share a queue among themselves or with the default workers.

    Raises:
        PydanticCustomError: what is allowed, and how to fix it.
    """
    queues = [queue for each in sets.values() for queue in each.queues]
    twice = [queue for queue, count in Counter(queues).items() if count > 1]
    if twice:
        raise mistake(
            allowed="each queue once: a queue belongs to one set of workers",
            fix="remove it from all but one",
            note=f"twice: {', '.join(twice)}",
        )
    if default is not None and default.autoscaling and any(each.autoscaling for each in sets.values()):
        # HPA's controller scales none of them (condition AmbiguousSelector): the chart's selector of the default
        # workers fits the pods of every set.
        raise mistake(
            allowed="sets without autoscaling beside airflow.components.workers with it: Kubernetes would scale none "
            "of them, as it can't tell their pods apart",
            fix=f"write airflow.components.workers.replicas: 0 and a set with the queue {DEFAULT_QUEUE} in its place",
            note="airflow.components.workers.autoscaling and sets with it",
        )
    if default is not None and default.count(most=True) and DEFAULT_QUEUE in queues:
        raise mistake(
            allowed=f"other queues than {DEFAULT_QUEUE}, which airflow.components.workers takes",
            fix="remove it from the set, or write airflow.components.workers.replicas: 0",
            note=f"a set with the queue {DEFAULT_QUEUE}",
        )


def refuse_too_many_policies(shared: tuple[str, ...], sets: Mapping[str, WorkerSetSettings]) -> None:
    """Refuse more policies than the roles of workflows can name.

    Raises:
        PydanticCustomError: what is allowed, and how to fix it.
    """
    named = {arn for each in sets.values() for arn in each.pod_policy_arns or ()} | set(shared)
    if len(named) > MOST_POLICIES:
        raise mistake(
            allowed=f"at most {MOST_POLICIES} different policies in airflow.pod_policy_arns, all sets of workers and "
            "airflow.pod_roles",
            fix="put what belongs together into one policy",
            note=f"{len(named)} policies",
        )
