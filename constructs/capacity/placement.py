"""On which node groups pods may run: node selectors and tolerations, as the chart's values have them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from constructs.airflow.values.places import map_at
from constructs.settings.document.text import Location
from constructs.settings.environment import Environment
from constructs.settings.sections.airflow.airflow import AirflowSettings
from constructs.settings.sections.airflow.placed import Placed
from constructs.settings.sections.node_groups import NodeGroupSettings, TaintSettings
from constructs.settings.sections.node_pools import NodePoolSettings

#: EKS's label of each node of a managed group.
#: Source: https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html
GROUP_LABEL = "eks.amazonaws.com/nodegroup"
#: Karpenter's of each node of a pool.
#: Source: https://karpenter.sh/docs/concepts/scheduling/
POOL_LABEL = "karpenter.sh/nodepool"

NodesSettings = NodeGroupSettings | NodePoolSettings

#: Pods by the name of their setting -> where the chart's values have them.
PLACES: Mapping[str, tuple[str, ...]] = {
    "api_server": ("apiServer",),
    "scheduler": ("scheduler",),
    "dag_processor": ("dagProcessor",),
    "triggerer": ("triggerer",),
    "pgbouncer": ("pgbouncer",),
    "statsd": ("statsd",),
    "redis": ("redis",),
    "workers": ("workers", "celery"),
    "task_pod": ("workers", "kubernetes"),
    "cleanup": ("databaseCleanup",),
}


def component_of(name: str) -> str:
    """Return the component of pods: `workers` of a set of workers, `workers.large`, which is where all workers are.

    `task_pod` of another template for pods of tasks, `task_pods.large`.
    """
    component = name.partition(".")[0]
    return "task_pod" if component == "task_pods" else component


@dataclass(frozen=True)
class Placement:
    """Where pods may run."""

    selector: Mapping[str, str] = field(default_factory=dict)
    tolerations: Sequence[Mapping[str, Any]] = ()

    def allows(self, name: str, group: NodesSettings) -> bool:
        """Whether the nodes of a group or pool have the labels and no taint that keeps the pods away.

        Labels that are not the group's but the node's own, such as its zone, are taken to be there.
        """
        labels = {**group.node_labels, _label_of(group): name}
        selected = all(
            labels.get(key) == value for key, value in self.selector.items() if key in labels or not _is_nodes_own(key)
        )
        return selected and all(
            any(_tolerates(toleration, taint) for toleration in self.tolerations)
            for taint in group.taints
            if taint.repels
        )

    @property
    def values(self) -> dict[str, Any]:
        """As the chart's values, and pods, have it."""
        return {"nodeSelector": dict(self.selector), "tolerations": [dict(one) for one in self.tolerations]}


#: Nothing said: everywhere without a taint.
ANYWHERE = Placement()


def _label_of(group: NodesSettings) -> str:
    return POOL_LABEL if isinstance(group, NodePoolSettings) else GROUP_LABEL


def on_group(name: str, group: NodesSettings) -> Placement:
    """Return what sends pods to the nodes of a group or pool and to no others; of taints, its own alone pass."""
    tolerations = (
        {"key": taint.key, "operator": "Equal", "value": taint.value, "effect": taint.kubernetes_effect}
        for taint in group.taints
    )
    return Placement({_label_of(group): name}, tuple(tolerations))


def location_of(name: str) -> Location:
    """Return where the environment file has what a name of `PLACES`, or of a set of workers or template, stands for."""
    component, _, of_set = name.partition(".")
    if of_set:
        return ("airflow", component, of_set)
    return ("airflow", name) if name == "cleanup" else ("airflow", "components", name)


def placed(airflow: AirflowSettings) -> Mapping[str, Placed]:
    """Return what the file says on where pods go, of all that there are: by names of `PLACES`, sets and templates."""
    there = {"workers": airflow.uses_celery, "redis": airflow.uses_celery, "task_pod": airflow.uses_kubernetes}
    components = {
        name: component
        for name in PLACES
        if isinstance(component := getattr(airflow.components, name, None), Placed) and there.get(name, True)
    }
    sets = {f"workers.{name}": each for name, each in airflow.worker_sets.items()}
    templates = {f"task_pods.{name}": each for name, each in airflow.task_pod_templates.items()}
    return components | sets | templates | ({"cleanup": airflow.cleanup} if airflow.cleanup else {})


def placements(environment: Environment, values: Mapping[str, Any]) -> Mapping[str, Placement]:
    """Return where pods go: to the group that the file names, else where values of the chart put them or all."""
    nodes = environment.cluster.nodes
    said = {component: _placement(values, place) for component, place in PLACES.items()}
    return said | {
        name: on_group(place, nodes[place])
        for name, settings in placed(environment.airflow).items()
        if (place := settings.place)
    }


def _placement(values: Mapping[str, Any], place: Sequence[str]) -> Placement:
    said = list(_said(values, place))
    selector: Mapping[str, Any] = next(
        (one["nodeSelector"] for one in said if isinstance(one.get("nodeSelector"), Mapping)), {}
    )
    tolerations: Sequence[Any] = next(
        (one["tolerations"] for one in said if isinstance(one.get("tolerations"), list)), []
    )
    texts = {str(key): str(value) for key, value in selector.items()}
    return Placement(texts, tuple(one for one in tolerations if isinstance(one, Mapping)))


def _said(values: Mapping[str, Any], place: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    """The maps that say where, the nearest first; an empty one says nothing."""
    for length in range(len(place), -1, -1):
        yield {key: value for key, value in map_at(place[:length], values).items() if value}


def _tolerates(toleration: Mapping[str, Any], taint: TaintSettings) -> bool:
    """As Kubernetes does: https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/."""
    if toleration.get("effect") not in (None, "", taint.kubernetes_effect):
        return False
    if toleration.get("operator", "Equal") == "Exists":
        return toleration.get("key") in (None, "", taint.key)
    return toleration.get("key") == taint.key and str(toleration.get("value", "")) == taint.value


def _is_nodes_own(key: str) -> bool:
    of_kubernetes = "kubernetes.io/" in key or "k8s.io/" in key
    of_eks = key.startswith(("eks.amazonaws.com/", "karpenter.k8s.aws/", "karpenter.sh/"))
    return of_kubernetes or (of_eks and key not in (GROUP_LABEL, POOL_LABEL))
