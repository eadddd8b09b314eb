"""What nodes a node group has, and what they carry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from constructs.capacity.instance_types import InstanceType, instance_type
from constructs.capacity.nodes import UNSEEN_MEMORY, left_for_pods, most_pods
from constructs.capacity.place import Place
from constructs.settings.sections.airflow.component import Demand
from constructs.settings.sections.cluster import ClusterSettings
from constructs.settings.sections.node_groups import NodeGroupSettings


def groups_of(cluster: ClusterSettings) -> Sequence[Group]:
    """Return the node groups in the order of the file."""
    made = []
    for name, settings in cluster.node_groups.items():
        found = {kind: instance_type(kind) for kind in settings.instance_types}
        known = tuple(kind for kind in found.values() if kind)
        unknown = tuple(kind for kind in found if not found[kind])
        made.append(Group(name, settings, known, unknown, cluster.pods.prefix_delegation))
    return made


@dataclass(frozen=True)
class Group(Place):
    """A node group, and what one of its nodes carries."""

    setting: ClassVar[str] = "node_group"
    capacity_setting: ClassVar[str] = "capacity_type"

    settings: NodeGroupSettings
    types: tuple[InstanceType, ...]
    unknown: tuple[str, ...]
    """Its instance types that the table doesn't have: newer ones."""

    prefix_delegation: bool = False

    @property
    def each(self) -> Demand:
        """What any of its nodes carries, whichever of the types it is of."""
        return Demand.least(self._left(UNSEEN_MEMORY))

    @property
    def at_the_most(self) -> Demand:
        """What none of its nodes carries more than, of whichever type: with all the memory that EC2 names."""
        return Demand.most(self._left(0))

    @property
    def most_pods(self) -> int:
        """How many pods a node may have: EKS gives all nodes of a group the smallest number of its types."""
        return min(most_pods(kind, prefix_delegation=self.prefix_delegation) for kind in self.types)

    def in_words(self, *, largest: bool) -> str:
        """Return its nodes in words: `2 x m7g.large (default)`."""
        count = self.settings.max_size if largest else self.settings.min_size
        return f"{count} x {' or '.join(self.settings.instance_types)} ({self.name})"

    def _left(self, unseen: float) -> Iterator[Demand]:
        # Bottlerocket keeps memory for as many pods as there may be (`kube_reserve_memory` in bottlerocket-os).
        bottlerocket = (self.settings.ami_type or "").startswith("BOTTLEROCKET_")
        kept_for = self.most_pods if bottlerocket else None
        for kind in self.types:
            yield left_for_pods(kind, most=self.most_pods, reserved_for=kept_for, unseen=unseen)
