"""Whether the pods of an environment fit on its nodes: what each asks for, what the node groups carry."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from constructs.capacity.groups import Group, groups_of
from constructs.capacity.packing import Nodes, Pods, unplaced
from constructs.capacity.placement import ANYWHERE, NodesSettings, Placement, component_of, placements
from constructs.capacity.pools import Pool, pools_of
from constructs.settings.environment import Environment
from constructs.settings.sections.airflow.component import Demand
from constructs.settings.sections.cluster import ClusterSettings

#: The cluster's own pods that are not on every node, as the add-ons' default configuration has them.
SYSTEM = (
    ("coredns", 2, Demand(100, 70, 1)),
    ("metrics-server", 2, Demand(100, 200, 1)),
    ("ebs-csi-controller", 2, Demand(60, 240, 1)),
)

#: The load balancer controller as `platform` installs it.
CONTROLLER = ("aws-load-balancer-controller", 2, Demand(50, 128, 1))

#: KEDA's, as `platform` installs it.
AUTOSCALER = (("keda-operator", 1, Demand(50, 256, 1)), ("keda-metrics-apiserver", 1, Demand(50, 128, 1)))

#: Karpenter's, as `platform` installs it.
KARPENTER_POD = Demand(200, 512, 1)


def karpenter_replicas(cluster: ClusterSettings) -> int:
    """Return how many pods Karpenter has: no two share a node, and none is on one that it has made."""
    nodes = sum(group.min_size for group in cluster.node_groups.values() if not group.repels_pods)
    return 2 if nodes > 1 else 1


def words(name: str) -> str:
    """Return the name of a component as people say it: `dag processor`, `workers large` of a set."""
    return name.replace("_", " ").replace(".", " ")


@dataclass(frozen=True)
class Case:
    """When it is looked at: at the start, if nothing is said."""

    largest: bool = False
    """The most nodes that there may be, instead of those that the environment starts with."""

    lost: int = 0
    """So many nodes are lost, of the first groups that have them."""

    more: Sequence[Pods] = ()
    """Pods beside the usual ones."""


@dataclass(frozen=True)
class Fit:
    """The pods and the node groups of an environment; `placements` says where the pods go, without one everywhere."""

    environment: Environment
    placements: Mapping[str, Placement]

    @classmethod
    def of(cls, environment: Environment, values: Mapping[str, Any]) -> Fit:
        """Return that of an environment and the user's values, those of helm/values.yaml."""
        return cls(environment, placements(environment, values))

    @cached_property
    def groups(self) -> Sequence[Group]:
        """The node groups in the order of the file."""
        return groups_of(self.environment.cluster)

    @cached_property
    def pools(self) -> Sequence[Pool]:
        """The node pools in the order of the file."""
        return pools_of(self.environment.cluster)

    @property
    def places(self) -> Sequence[Group | Pool]:
        """Groups and pools."""
        return [*self.groups, *self.pools]

    @property
    def unknown(self) -> Sequence[str]:
        """Instance types of which it is not known what they carry; with one of them nothing here is certain."""
        return [kind for place in self.places for kind in place.unknown]

    @cached_property
    def components(self) -> Sequence[Pods]:
        """Airflow's pods that are always there."""
        airflow = self.environment.airflow
        return [Pods(name, count, each, self.reachable(name)) for name, (count, each) in airflow.pods.items()]

    @cached_property
    def scaled(self) -> Sequence[Pods]:
        """Those that there may be beside them, where autoscaling says so."""
        most = self.environment.airflow.most_pods
        return [
            replace(kind, count=most[kind.name][0] - kind.count)
            for kind in self.components
            if most[kind.name][0] > kind.count
        ]

    @cached_property
    def system(self) -> Sequence[Pods]:
        """The cluster's own pods, the load balancer controller's, KEDA's and Karpenter's."""
        airflow = self.environment.airflow
        there = (
            *SYSTEM,
            *([CONTROLLER] if airflow.web.has_balancer else ()),
            *(AUTOSCALER if airflow.autoscales else ()),
        )
        pods = [Pods(name, count, each, self.reachable(name)) for name, count, each in there]
        if self.pools:
            home = self.reachable("karpenter") & {group.name for group in self.groups}
            pods.append(Pods("karpenter", karpenter_replicas(self.environment.cluster), KARPENTER_POD, home))
        return pods

    @property
    def pods(self) -> Sequence[Pods]:
        """All of them but those that are on every node."""
        return [*self.system, *self.components]

    def reachable(self, name: str) -> frozenset[str]:
        """Return the node groups and node pools on which pods of this name may run."""
        placement = self.placements.get(name, self.placements.get(component_of(name), ANYWHERE))
        nodes: Mapping[str, NodesSettings] = self.environment.cluster.nodes
        return frozenset(place for place, settings in nodes.items() if placement.allows(place, settings))

    def unplaced(self, case: Case) -> Mapping[str, int]:
        """Return how many pods find no node, by name; empty where all do."""
        return unplaced([*self.pods, *case.more], self._nodes(case))

    def full_percent(self, case: Case) -> Mapping[str, int]:
        """Return how much of all nodes together the pods ask for, in percent, rounded up."""
        # At the start there is no node of a pool; what may only run on these starts them.
        names = {group.name for group in self.groups} | {pool.name for pool in self.pools if case.largest}
        there = sum((one.each * one.count for one in self._nodes(case) if one.group in names), Demand())
        pods = [kind for kind in (*self.pods, *case.more) if not kind.groups.isdisjoint(names)]
        asked = sum((kind.each * kind.count for kind in pods), Demand())
        parts = {"processor time": "millicores", "memory": "mebibytes", "pods": "pods"}
        return {words: -(-100 * getattr(asked, part) // max(1, getattr(there, part))) for words, part in parts.items()}

    def _nodes(self, case: Case) -> list[Nodes]:
        nodes, lost = [], case.lost
        for group in self.groups:
            count = group.settings.max_size if case.largest else group.settings.min_size
            gone = min(count, lost)
            lost -= gone
            nodes.append(Nodes(group.name, count - gone, group.each))
        return [*nodes, *map(self.nodes_of, self.pools)]

    def nodes_of(self, pool: Pool) -> Nodes:
        """Return as many nodes of a pool as its limits allow, at any time: Karpenter starts them when pods wait."""
        asking = [kind.each for kind in self.pods if kind.count and pool.name in kind.groups]
        return pool.nodes_for(Demand.most(asking) if asking else Demand())

    def with_size(self, name: str, size: int) -> Fit:
        """Return the same with another number of nodes in one group at the start."""
        groups = self.environment.cluster.node_groups
        larger = groups[name].model_copy(update={"min_size": size, "max_size": max(size, groups[name].max_size)})
        cluster = self.environment.cluster.model_copy(update={"node_groups": {**groups, name: larger}})
        return Fit(self.environment.model_copy(update={"cluster": cluster}), self.placements)

    def another(self) -> Pods:
        """Return one pod more of the largest kind: what an update starts before it stops the old one."""
        largest = max(self.components, key=lambda kind: (kind.each.mebibytes, kind.each.millicores))
        return replace(largest, count=1)

    def free_for(self, kind: Pods, case: Case) -> int:
        """Return how many more pods of a kind find a node."""
        pods = sum(group.settings.max_size * group.each.pods for group in self.groups)
        pods += sum(nodes.count * nodes.each.pods for nodes in map(self.nodes_of, self.pools))
        return bisect_left(range(1, pods + 1), 1, key=lambda count: int(bool(self._with(kind, count, case))))

    def _with(self, kind: Pods, count: int, case: Case) -> Mapping[str, int]:
        return self.unplaced(replace(case, more=(*case.more, replace(kind, count=count))))

    def nodes(self, *, largest: bool) -> str:
        """Return all nodes in words."""
        return in_words(self.places, largest=largest)


def in_words(places: Sequence[Group | Pool], *, largest: bool) -> str:
    """Return the nodes of groups and pools in words: `2 x m7g.large (default)`."""
    return ", ".join(place.in_words(largest=largest) for place in places)
