"""The node pools of section `cluster`: nodes that Karpenter starts when pods wait for one, and takes away again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

from constructs.settings.sections.node_groups import (
    INSTANCE_TYPE,
    InstanceType,
    LabelKey,
    LabelValue,
    NodeGroupName,
    TaintSettings,
    refuse_reserved,
    refuse_same_taints,
    refuse_strange_zone,
)
from constructs.settings.values.ami_types import Architecture
from constructs.settings.values.quantities import MEMORY_UNITS, Quantity
from constructs.settings.values.section import Section
from constructs.settings.values.shapes import Count, Shape, Whole, mistake
from constructs.settings.values.zones import ZoneName
from pydantic import AfterValidator, Field, ValidationInfo, field_validator

NodePoolName = NodeGroupName
InstanceFamily = Annotated[
    str,
    Shape(
        re.sub(r"\?P<\w+>", "?:", INSTANCE_TYPE.pattern.partition(r"\.")[0]),
        allowed="a family of EC2 instance types, such as m7g: what stands before the dot of a type",
        fix="write a family such as m7g, or single types as instance_types",
        longest=20,
    ),
]
InstanceSize = Annotated[
    str,
    Shape(
        r"nano|micro|small|medium|large|xlarge|[1-9][0-9]*xlarge|metal(-[0-9]+xl)?",
        allowed="a size of EC2 instance types, such as xlarge: what stands behind the dot of a type",
        fix="write a size such as large, xlarge or 2xlarge",
        longest=20,
    ),
]
#: The newest release of the image that was known when Karpenter was taken in (CHANGELOG.md of
#: github.com/awslabs/amazon-eks-ami, of 2026-07-23).
NEWEST_KNOWN_AMI = "al2023@v20260714"
#: EKS's machine images as Karpenter names them. Not `latest`: that replaces all nodes on the day of each release.
Ami = Annotated[
    str,
    Shape(
        r"al2023@v20[0-9]{6}|bottlerocket@v[0-9]+\.[0-9]+\.[0-9]+",
        allowed="a release of EKS's machine image: al2023@v<date>, or bottlerocket@v<version>; not latest, which "
        "replaces all nodes on the day of each release",
        fix=f"write one such as {NEWEST_KNOWN_AMI}; docs/scaling.md has the command that lists them",
        longest=30,
    ),
]
_TOTAL_MEMORY = Quantity(
    words="memory of all nodes of the pool in mebibytes (Mi) or gibibytes (Gi)",
    units=MEMORY_UNITS,
    lowest="1Gi",
    highest="1048576Gi",
    example="256Gi",
)
_KARPENTERS = re.compile(r"([a-z0-9.-]+\.)?(karpenter\.sh|karpenter\.k8s\.aws)/.*")


def _refuse_karpenters(key: str) -> str:
    if _KARPENTERS.fullmatch(key):
        raise mistake(
            allowed="a label key outside karpenter.sh/ and karpenter.k8s.aws/, which Karpenter keeps",
            fix="use a prefix of your own, such as example.com/",
        )
    return key


class LimitsSettings(Section):
    """The most that all nodes of a pool have together; beyond it pods wait."""

    cpu: Annotated[int, Whole(1, 100_000, "cores")] = Field(
        description="Cores (vCPU) of all nodes of the pool together, 1 to 100000."
    )
    memory: Annotated[str, _TOTAL_MEMORY] = Field(
        description="Memory of all nodes of the pool together, in Mi or Gi, as EC2 names it."
    )

    @property
    def memory_mib(self) -> int:
        """The memory as a number."""
        return _TOTAL_MEMORY.amount(self.memory)


class ConsolidationSettings(Section):
    """When Karpenter takes nodes away that are not needed."""

    policy: Literal["when_empty", "when_empty_or_underutilized"] = Field(
        default="when_empty_or_underutilized",
        description="`when_empty`: nodes without pods go. `when_empty_or_underutilized`: also those whose pods fit on "
        "others, or on a cheaper one; never one on which a worker or a task runs.",
    )
    after_seconds: Annotated[int, Whole(0, 86_400, "seconds")] = Field(
        default=300, description="So long no pod has come or gone before a node is looked at, in seconds, 0 to 86400."
    )


class BudgetSettings(Section):
    """How many nodes of a pool Karpenter may replace or take away at a time."""

    nodes: Annotated[
        str,
        Shape(
            r"(100|[0-9]{1,2})%|[0-9]{1,4}",
            allowed='a share of the nodes in percent ("10%"), or a number of them ("2"), in quotes; "0" for none',
            fix='write nodes: "10%"',
            longest=4,
        ),
    ] = Field(description='Share of the nodes ("10%") or their number ("2"), in quotes; "0" for none.')
    schedule: (
        Annotated[
            str,
            Shape(
                r"(\S+ ){4}\S+",
                allowed='a schedule of cron with five parts, in UTC, such as "0 6 * * mon-fri"',
                fix='write minute, hour, day, month and weekday, such as "0 6 * * mon-fri"',
                longest=100,
            ),
        ]
        | None
    ) = Field(default=None, description="When it begins to count, as cron writes it, in UTC. Default: it always does.")
    duration_minutes: Annotated[int, Whole(1, 44_640, "minutes")] | None = Field(
        default=None, description="How long it counts from then on, in minutes, 1 to 44640; with schedule only."
    )

    @field_validator("duration_minutes")
    @classmethod
    def _goes_with_schedule(cls, duration: int | None, info: ValidationInfo) -> int | None:
        if "schedule" in info.data and (info.data["schedule"] is None) != (duration is None):
            raise mistake(
                allowed="both schedule and duration_minutes, or neither",
                fix="add the other one, or remove it",
                note=f"schedule is {info.data['schedule'] or 'not there'}",
            )
        return duration


class NodePoolSettings(Section):
    """Nodes that Karpenter starts for pods that find no room, each of a type that suits them, and takes away again."""

    instance_families: Annotated[tuple[InstanceFamily, ...], Count(0, 30, "families")] = Field(
        default=(),
        description="Families of EC2 instance types, such as [m7g, m6g]: Karpenter takes the cheapest type on which "
        "the pods fit. Several make spot reliable. In their place: instance_types.",
    )
    instance_sizes: Annotated[tuple[InstanceSize, ...], Count(1, 20, "sizes")] = Field(
        default=("large", "xlarge", "2xlarge", "4xlarge"), description="Sizes of these families."
    )
    instance_types: Annotated[tuple[InstanceType, ...], Count(0, 60, "instance types")] = Field(
        default=(), description="Single EC2 instance types, such as [m7g.large], instead of families and sizes."
    )
    architectures: Annotated[tuple[Architecture, ...], Count(1, 2, "architectures")] = Field(
        default=("arm64", "x86_64"),
        description="Processors that the nodes may have: `arm64`, `x86_64`. Default: both, as the official image of "
        "Airflow runs on both; name one where your own image doesn't.",
    )
    capacity_types: Annotated[tuple[Literal["spot", "on_demand"], ...], Count(1, 2, "capacity types")] = Field(
        default=("on_demand",),
        description="[on_demand], [spot], or [spot, on_demand]: spot, and on-demand where there is no spot to be had.",
    )
    limits: LimitsSettings = Field(description="The most that all nodes of the pool have together: cpu, memory.")
    ami: Ami = Field(
        default=NEWEST_KNOWN_AMI,
        description="Release of EKS's machine image, al2023@v<date> or bottlerocket@v<version>. A change replaces the "
        "nodes, as many at a time as `budgets` allow. It has to be there for the cluster's Kubernetes version.",
    )
    volume_size_gib: Annotated[int, Whole(20, 16384, "GiB")] = Field(
        default=50,
        description="Root volume of each node, in GiB, 20 to 16384; with Bottlerocket the one for images and pods.",
    )
    labels: Annotated[
        Mapping[Annotated[LabelKey, AfterValidator(refuse_reserved), AfterValidator(_refuse_karpenters)], LabelValue],
        Count(0, 50, "labels"),
    ] = Field(default={}, description="Kubernetes labels of the nodes. Values are text.")
    taints: Annotated[tuple[TaintSettings, ...], Count(0, 50, "taints")] = Field(
        default=(), description="Kubernetes taints of the nodes; who names the pool as node_pool tolerates them."
    )
    availability_zones: (
        Annotated[tuple[Annotated[ZoneName, AfterValidator(refuse_strange_zone)], ...], Count(1, 6, "zones")] | None
    ) = Field(default=None, description="Zones of this pool, some of the environment's. Default: all of them.")
    consolidation: ConsolidationSettings = Field(
        default_factory=ConsolidationSettings, description="When nodes go that are not needed."
    )
    budgets: Annotated[tuple[BudgetSettings, ...], Count(0, 20, "budgets")] = Field(
        default=(),
        description="How many nodes are replaced or taken away at a time; of several the strictest counts. "
        "Default: a tenth of them. "
        "Interruptions of spot and expired nodes are not asked.",
    )
    expire_after_hours: Annotated[int, Whole(24, 8760, "hours")] = Field(
        default=720, description="Nodes that are older are replaced, in hours, 24 to 8760."
    )
    termination_grace_hours: Annotated[int, Whole(24, 168, "hours")] = Field(
        default=24,
        description="So long a node that has to go, as it is too old or of another image, waits for the workers and "
        "tasks on it, in hours, 24 to 168; then they are ended as by any update.",
    )

    @property
    def is_spot(self) -> bool:
        """Whether AWS may take its nodes away."""
        return "spot" in self.capacity_types

    @property
    def node_labels(self) -> dict[str, str]:
        """All labels that the file gives the pool's nodes."""
        return dict(self.labels)

    @property
    def repels_pods(self) -> bool:
        """Whether a taint keeps ordinary pods off the pool's nodes."""
        return any(taint.repels for taint in self.taints)

    @field_validator("capacity_types")
    @classmethod
    def _are_in_order(cls, types: tuple[str, ...]) -> tuple[str, ...]:
        if types == ("on_demand", "spot"):
            raise mistake(
                allowed="[spot, on_demand], in this order: where both are allowed Karpenter takes spot first",
                fix="write [spot, on_demand]; or [on_demand], and a second pool with [spot]",
            )
        return types

    @field_validator("instance_types")
    @classmethod
    def _are_instead_of_families(cls, types: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        families = info.data.get("instance_families")
        if families is None or bool(families) != bool(types):
            return types
        raise mistake(
            allowed="either instance_families (and instance_sizes) or instance_types",
            fix="remove one of them" if types else "write instance_families: [m7g, m6g], for instance",
            note="both are there" if types else "neither is there",
        )

    @field_validator("taints")
    @classmethod
    def _differ(cls, taints: tuple[TaintSettings, ...]) -> tuple[TaintSettings, ...]:
        return refuse_same_taints(taints)


#: Keys of tags that Karpenter gives itself, and takes from nobody (`RestrictedTagPatterns` of its API).
_KARPENTERS_TAGS = re.compile(
    r"kubernetes\.io/cluster/.+|karpenter\.sh/nodepool|karpenter\.sh/nodeclaim|karpenter\.k8s\.aws/ec2nodeclass"
    r"|eks:eks-cluster-name"
)

NodePools = Annotated[Mapping[NodePoolName, NodePoolSettings], Count(0, 20, "node pools")]


def refuse_names_of_groups(pools: Mapping[str, NodePoolSettings], groups: Mapping[str, object]) -> None:
    """Refuse pools that are called as a node group is.

    Raises:
        PydanticCustomError: what is allowed, and how to fix it.
    """
    same = sorted(set(pools) & set(groups))
    if same:
        raise mistake(
            allowed="other names than those of cluster.node_groups: nobody would know which of the two is meant",
            fix="choose another name for the pool",
            note=f"also a node group: {', '.join(same)}",
        )


def refuse_karpenters_tags(keys: Iterable[str]) -> None:
    """Refuse node pools beside tags that Karpenter keeps for itself: it would start no node.

    Raises:
        PydanticCustomError: what is allowed, and how to fix it.
    """
    kept = sorted(key for key in keys if _KARPENTERS_TAGS.fullmatch(key))
    if kept:
        raise mistake(
            allowed="node pools beside tags without kubernetes.io/cluster/..., karpenter.sh/nodepool and others that "
            "Karpenter keeps for itself: it would start no node",
            fix=f"remove {kept[0]} from tags at the top of the file",
            note=f"tags has {', '.join(kept)}",
        )
