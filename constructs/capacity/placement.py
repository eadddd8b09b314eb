"""On which node groups pods may run: node selectors and tolerations, as the chart's values have them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from constructs.settings.sections.node_groups import NodeGroupSettings, TaintSettings

#: EKS's label of each node of a managed group.
#: Source: https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html
GROUP_LABEL = "eks.amazonaws.com/nodegroup"
#: Component -> where the chart's values have it.
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
}


@dataclass(frozen=True)
class Placement:
    """Where pods may run."""

    selector: Mapping[str, str] = field(default_factory=dict)
    tolerations: Sequence[Mapping[str, Any]] = ()

    def allows(self, name: str, group: NodeGroupSettings) -> bool:
        """Whether the nodes of a group have the labels and no taint that keeps the pods away.

        Labels that are not the group's but the node's own, such as its zone, are taken to be there.
        """
        labels = {**group.node_labels, GROUP_LABEL: name}
        selected = all(
            labels.get(key) == value for key, value in self.selector.items() if key in labels or not _is_nodes_own(key)
        )
        return selected and all(
            any(_tolerates(toleration, taint) for toleration in self.tolerations)
            for taint in group.taints
            if taint.repels
        )


#: Nothing said: everywhere without a taint.
ANYWHERE = Placement()


def placements(values: Mapping[str, Any]) -> Mapping[str, Placement]:
    """Return where values of the chart put each component's pods, by itself or for all."""
    return {component: _placement(values, place) for component, place in PLACES.items()}


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
        found: Any = values
        for key in place[:length]:
            found = found.get(key) if isinstance(found, Mapping) else None
        if isinstance(found, Mapping):
            yield {key: value for key, value in found.items() if value}


def _tolerates(toleration: Mapping[str, Any], taint: TaintSettings) -> bool:
    """As Kubernetes does: https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/."""
    if toleration.get("effect") not in (None, "", taint.kubernetes_effect):
        return False
    if toleration.get("operator", "Equal") == "Exists":
        return toleration.get("key") in (None, "", taint.key)
    return toleration.get("key") == taint.key and str(toleration.get("value", "")) == taint.value


def _is_nodes_own(key: str) -> bool:
    return "kubernetes.io/" in key or "k8s.io/" in key or (key.startswith("eks.amazonaws.com/") and key != GROUP_LABEL)
