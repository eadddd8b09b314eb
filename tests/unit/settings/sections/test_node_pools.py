"""Section `cluster.node_pools`: what Karpenter may start, and each mistake in it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from constructs.settings.document.problems import Problem
from constructs.settings.environment import Environment
from constructs.settings.sections.node_pools import NEWEST_KNOWN_AMI

Problems = Callable[[dict[str, str | None]], list[Problem]]
Load = Callable[[dict[str, str | None]], Environment]

POOL = "instance_families: [m7g], limits: {cpu: 64, memory: 256Gi}"
AT = "cluster.node_pools.tasks"


def pool(more: str = "", base: str = POOL) -> dict[str, str | None]:
    """A file with one pool, and more keys of it."""
    return {"cluster/node_pools": f"{{tasks: {{{base}{', ' if more and base else ''}{more}}}}}"}


class TestPool:
    def test_without_any_there_is_none(self, load: Load) -> None:
        """An environment has node groups alone if nothing else is said."""
        assert load({}).cluster.node_pools == {}

    def test_families_and_limits_suffice(self, load: Load) -> None:
        """On-demand nodes of four sizes, on either processor, of a pinned image, replaced after 30 days."""
        made = load(pool()).cluster.node_pools["tasks"]
        assert made.instance_sizes == ("large", "xlarge", "2xlarge", "4xlarge")
        assert (made.capacity_types, made.is_spot) == (("on_demand",), False)
        assert (made.ami, made.expire_after_hours, made.volume_size_gib) == (NEWEST_KNOWN_AMI, 720, 50)
        assert (made.consolidation.policy, made.consolidation.after_seconds) == ("when_empty_or_underutilized", 300)
        assert made.budgets == ()

    def test_components_are_sent_to_it(self, load: Load) -> None:
        """By name, workers of a set as well."""
        sets = {"airflow/workers": "{large: {queues: [large], node_pool: tasks}}"}
        environment = load({**pool(), **sets, "airflow/components/triggerer": "{node_pool: tasks}"})
        assert environment.airflow.workers["large"].place == "tasks"
        assert environment.airflow.components.triggerer.place == "tasks"


#: Mistake -> more of the pool, key, allowed, fix.
MISTAKES: dict[str, tuple[dict[str, str | None], str, str, str]] = {
    "neither families nor types": (
        pool(base="limits: {cpu: 64, memory: 256Gi}"),
        f"{AT}.instance_types",
        "either instance_families (and instance_sizes) or instance_types",
        "write instance_families: [m7g, m6g], for instance",
    ),
    "families and types": (
        pool("instance_types: [m7g.large]"),
        f"{AT}.instance_types",
        "either instance_families (and instance_sizes) or instance_types",
        "remove one of them",
    ),
    "a type as a family": (
        pool(base="instance_families: [m7g.large], limits: {cpu: 64, memory: 256Gi}"),
        f"{AT}.instance_families[0]",
        "a family of EC2 instance types, such as m7g: what stands before the dot of a type",
        "write a family such as m7g, or single types as instance_types",
    ),
    "an unknown size": (
        pool("instance_sizes: [huge]"),
        f"{AT}.instance_sizes[0]",
        "a size of EC2 instance types, such as xlarge: what stands behind the dot of a type",
        "write a size such as large, xlarge or 2xlarge",
    ),
    "on-demand before spot": (
        pool("capacity_types: [on_demand, spot]"),
        f"{AT}.capacity_types",
        "[spot, on_demand], in this order: where both are allowed Karpenter takes spot first",
        "write [spot, on_demand]; or [on_demand], and a second pool with [spot]",
    ),
    "the latest image": (
        pool("ami: al2023@latest"),
        f"{AT}.ami",
        (
            "a release of EKS's machine image: al2023@v<date>, or bottlerocket@v<version>; not latest, which replaces "
            "all nodes on the day of each release"
        ),
        f"write one such as {NEWEST_KNOWN_AMI}; docs/scaling.md has the command that lists them",
    ),
    "a zone that the environment hasn't": (
        pool("availability_zones: [eu-west-1c]"),
        f"{AT}.availability_zones[0]",
        "one of the environment's availability_zones: eu-west-1a, eu-west-1b",
        "remove it here, or add it to availability_zones at the top of the file",
    ),
    "a label of Karpenter's": (
        pool("labels: {karpenter.sh/nodepool: other}"),
        f'{AT}.labels["karpenter.sh/nodepool"]',
        "a label key outside karpenter.sh/ and karpenter.k8s.aws/, which Karpenter keeps",
        "use a prefix of your own, such as example.com/",
    ),
    "a taint twice": (
        pool("taints: [{key: a, value: b, effect: NoSchedule}, {key: a, value: c, effect: NoSchedule}]"),
        f"{AT}.taints",
        "one taint of each key and effect: Kubernetes refuses nodes with two",
        "remove all but one of them",
    ),
    "a budget's schedule without an end": (
        pool('budgets: [{nodes: "0", schedule: "0 6 * * mon-fri"}]'),
        f"{AT}.budgets[0].duration_minutes",
        "both schedule and duration_minutes, or neither",
        "add the other one, or remove it",
    ),
    "a budget that is no text": (
        pool("budgets: [{nodes: 2}]"),
        f"{AT}.budgets[0].nodes",
        'a share of the nodes in percent ("10%"), or a number of them ("2"), in quotes; "0" for none',
        'put it in quotes: "2"',
    ),
    "memory in other units": (
        pool(base="instance_families: [m7g], limits: {cpu: 64, memory: 256GB}"),
        f"{AT}.limits.memory",
        'memory of all nodes of the pool in mebibytes (Mi) or gibibytes (Gi), 1Gi to 1048576Gi, such as "256Gi"',
        "write 256Gi, in Kubernetes' units",
    ),
    "a node group's name": (
        {"cluster/node_pools": f"{{default: {{{POOL}}}}}"},
        "cluster.node_pools",
        "other names than those of cluster.node_groups: nobody would know which of the two is meant",
        "choose another name for the pool",
    ),
    "a tag of Karpenter's": (
        {**pool(), "tags": "{karpenter.sh/nodepool: other}"},
        "cluster.node_pools",
        (
            "node pools beside tags without kubernetes.io/cluster/..., karpenter.sh/nodepool and others that "
            "Karpenter keeps for itself: it would start no node"
        ),
        "remove karpenter.sh/nodepool from tags at the top of the file",
    ),
    "a component on both": (
        {**pool(), "airflow/components/workers": "{node_group: default, node_pool: tasks}"},
        "airflow.components.workers.node_pool",
        "either node_group or node_pool: no node is of both",
        "remove one of them",
    ),
    "a component on a pool that is not there": (
        {**pool(), "airflow/components/workers": "{node_pool: task}"},
        "airflow.components.workers.node_pool",
        "one of cluster.node_pools: tasks",
        "did you mean tasks?",
    ),
    "a component on a pool where there is none": (
        {"airflow/components/workers": "{node_pool: tasks}"},
        "airflow.components.workers.node_pool",
        "nothing: there is no cluster.node_pools",
        "name one of these, or add the pool to the file",
    ),
    "what all tasks need, on spot": (
        {**pool("capacity_types: [spot, on_demand]"), "airflow/components/scheduler": "{node_pool: tasks}"},
        "airflow.components.scheduler.node_pool",
        (
            "a node pool with capacity_types: [on_demand]: AWS takes spot nodes away with two minutes' notice, and "
            "without these pods no task runs on any node"
        ),
        "add a node pool with capacity_types: [on_demand], or leave the key out",
    ),
    "a family that nobody knows": (
        pool(base="instance_families: [m7gg], limits: {cpu: 64, memory: 256Gi}"),
        f"{AT}.instance_families",
        "families of EC2 instance types that the project knows",
        "did you mean m7g?",
    ),
    "sizes that a family hasn't": (
        pool("instance_sizes: [32xlarge]"),
        f"{AT}.instance_families",
        "families that have one of instance_sizes, 32xlarge; m7g has",
        "add one of these to instance_sizes, or remove the family",
    ),
    "processors that are left out": (
        pool("architectures: [x86_64]"),
        f"{AT}.instance_families",
        f"types with processors that {AT}.architectures names, x86_64; those of m7g are arm64",
        "remove it, or add arm64 to architectures",
    ),
    "limits below one node's processors": (
        pool(base="instance_families: [m7g], limits: {cpu: 1, memory: 256Gi}"),
        f"{AT}.limits.cpu",
        "2 cores or more: m7g.large, the smallest of its types, has as much",
        "raise it, or name smaller types",
    ),
    "limits below one node's memory": (
        pool(base="instance_families: [m7g], limits: {cpu: 64, memory: 4Gi}"),
        f"{AT}.limits.memory",
        "8Gi or more: m7g.large, the smallest of its types, has as much",
        "raise it, or name smaller types",
    ),
    "a pod that is larger than any node": (
        {**pool("instance_sizes: [large]"), "airflow/components/workers": "{node_pool: tasks, memory: 9Gi}"},
        "airflow.components.workers.memory",
        "for the pod with its sidecars: no node of tasks has more left for pods (up to 64 cores and 256Gi of m7g",
        "lower it, or write larger ones into cluster.node_pools.tasks.instance_sizes, or raise its limits",
    ),
    "more pods than the limits allow": (
        {
            **pool(base="instance_families: [m7g], limits: {cpu: 2, memory: 8Gi}"),
            "airflow/components/workers": "{node_pool: tasks, replicas: 50}",
        },
        "airflow.components.workers.replicas",
        "of this size, on the most nodes that there may be: up to 2 cores and 8Gi of m7g (tasks)",
        "lower it, or raise cluster.node_pools.tasks.limits, 2 cores and 8Gi",
    ),
}


@pytest.mark.parametrize("what", MISTAKES)
def test_a_mistake_is_said_with_what_is_allowed_and_its_fix(problems: Problems, what: str) -> None:
    """At its place in the file, each by itself."""
    changes, key, allowed, fix = MISTAKES[what]
    (found,) = problems(changes)
    assert found.key == key
    assert allowed in found.allowed
    assert found.fix == fix
    assert found.line is not None
