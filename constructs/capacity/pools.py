"""What nodes a node pool may have: the instance types of its families and sizes, and what they carry."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from constructs.capacity.instance_types import InstanceType, instance_type, known_types
from constructs.capacity.nodes import UNSEEN_MEMORY, left_for_pods, most_pods
from constructs.capacity.packing import Nodes
from constructs.capacity.place import Place
from constructs.settings.sections.airflow.component import Demand
from constructs.settings.sections.cluster import ClusterSettings
from constructs.settings.sections.node_groups import architecture_of
from constructs.settings.sections.node_pools import NodePoolSettings
from constructs.settings.values.ami_types import Architecture


def types_of(family: str, sizes: Iterable[str] | None = None) -> list[InstanceType]:
    """Return the types of a family that the table knows, of some sizes or of all."""
    wanted = None if sizes is None else set(sizes)
    kinds = (kind for kind in known_types().values() if kind.name.partition(".")[0] == family)
    return [kind for kind in kinds if wanted is None or kind.name.partition(".")[2] in wanted]


def pools_of(cluster: ClusterSettings) -> Sequence[Pool]:
    """Return the node pools in the order of the file."""
    return [Pool(name, pool, cluster.pods.prefix_delegation) for name, pool in cluster.node_pools.items()]


@dataclass(frozen=True)
class Pool(Place):
    """A node pool: Karpenter starts nodes of whichever of its types, as long as its limits allow."""

    setting: ClassVar[str] = "node_pool"
    capacity_setting: ClassVar[str] = "capacity_types"

    settings: NodePoolSettings
    prefix_delegation: bool = False

    @cached_property
    def types(self) -> Sequence[InstanceType]:
        """Its types that the table knows, the smallest first."""
        settings = self.settings
        named = [kind for name in settings.instance_types if (kind := instance_type(name))]
        of_families = [
            kind for family in settings.instance_families for kind in types_of(family, settings.instance_sizes)
        ]
        fitting = [kind for kind in (*named, *of_families) if architecture_of(kind.name) in settings.architectures]
        return sorted(fitting, key=lambda kind: (kind.memory_mib, kind.vcpus, kind.name))

    @property
    def unknown(self) -> Sequence[str]:
        """Types that the table doesn't have: newer ones."""
        return [name for name in self.settings.instance_types if instance_type(name) is None]

    @property
    def architectures(self) -> Sequence[Architecture]:
        """The processors that its nodes may have."""
        names = (*(kind.name for kind in self.types), *self.unknown)
        return sorted({architecture_of(name) for name in names} & set(self.settings.architectures))

    @property
    def most_pods(self) -> int:
        """How many pods any of its nodes may have, whichever of the types it is of."""
        return min(self._most_pods(kind) for kind in self.types)

    @property
    def most_vcpus(self) -> int:
        """How many vCPUs all its nodes have together where they are of the type that makes most of both limits."""
        return max(self._how_many(kind) * kind.vcpus for kind in self.types)

    @property
    def at_the_most(self) -> Demand:
        """What none of its nodes carries more than, of whichever type: with all the memory that EC2 names."""
        return Demand.most(self._left(kind, unseen=0) for kind in self._within_limits or self.types)

    @property
    def together(self) -> Nodes:
        """All that there may be of it, as if it were one node: no nodes carry more together."""
        limits = self.settings.limits
        pods = sum(self._most_pods(kind) for kind in self.types) * limits.cpu
        return Nodes(self.name, 1, Demand(1000 * limits.cpu, limits.memory_mib, pods))

    def nodes_for(self, largest: Demand) -> Nodes:
        """Return as many nodes as the limits allow, of the smallest type that carries the largest pod, if one does."""
        kinds = self._within_limits or self.types[:1]
        fitting = [kind for kind in kinds if _holds(self._left(kind), largest)]
        kind = fitting[0] if fitting else kinds[-1]
        return Nodes(self.name, self._how_many(kind), self._left(kind))

    @property
    def _within_limits(self) -> Sequence[InstanceType]:
        return [kind for kind in self.types if self._how_many(kind)]

    def _how_many(self, kind: InstanceType) -> int:
        limits = self.settings.limits
        return min(limits.cpu // kind.vcpus, limits.memory_mib // kind.memory_mib)

    def _most_pods(self, kind: InstanceType) -> int:
        return most_pods(kind, prefix_delegation=self.prefix_delegation)

    def _left(self, kind: InstanceType, *, unseen: float = UNSEEN_MEMORY) -> Demand:
        most = self.most_pods if self.prefix_delegation else self._most_pods(kind)
        kept_for = most if self.settings.ami.startswith("bottlerocket@") else None
        return left_for_pods(kind, most=most, reserved_for=kept_for, unseen=unseen)

    def in_words(self, *, largest: bool) -> str:  # noqa: ARG002  # as a group's; its limits hold at any time
        """Return its nodes in words: `up to 64 cores and 256Gi of m7g or m6g (tasks)`."""
        limits, kinds = self.settings.limits, self.settings.instance_types or self.settings.instance_families
        return f"up to {limits.cpu} cores and {limits.memory} of {' or '.join(kinds)} ({self.name})"


def _holds(there: Demand, asked: Demand) -> bool:
    return there.millicores >= asked.millicores and there.mebibytes >= asked.mebibytes and there.pods >= asked.pods
