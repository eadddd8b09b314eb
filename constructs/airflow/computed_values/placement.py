"""Values that say on which nodes pods run, and which of them give way."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import Any

from constructs.airflow.charts.airflow_chart import RELEASE
from constructs.airflow.values.merge import merged
from constructs.airflow.values.places import at
from constructs.capacity.placement import PLACES, NodesSettings, on_group, placed
from constructs.settings.sections.airflow.airflow import AirflowSettings
from constructs.settings.sections.airflow.placed import Placed

#: Priority -> its value; what has none is at Kubernetes' 0. A class that exists never takes another value. Pods below
#: -10 would start no node where a Cluster Autoscaler runs (its `--expendable-pods-priority-cutoff`).
PRIORITIES = {"high": 1000, "low": -10}


def placement_values(airflow: AirflowSettings, nodes: Mapping[str, NodesSettings]) -> dict[str, Any]:
    """Return node selectors, tolerations and priorities of the pods of which the file says something."""
    settings = placed(airflow)
    # Those of sets of workers and of further templates stand in lists of their own.
    alone = {name: placing for name, placing in settings.items() if name in PLACES}
    parts = [at(PLACES[name], pod_values(placing, nodes)) for name, placing in alone.items()]
    used = {placing.priority for placing in settings.values()}
    classes = [{"name": name, "value": value} for name, value in PRIORITIES.items() if name in used]
    return reduce(merged, parts, {"priorityClasses": classes} if classes else {})


def pod_values(settings: Placed, nodes: Mapping[str, NodesSettings]) -> dict[str, Any]:
    """Return them for the pods of one component, at its place in the values."""
    place, priority = settings.place, settings.priority
    values = on_group(place, nodes[place]).values if place else {}
    # The chart calls a class that it makes after the release.
    return values | ({"priorityClassName": f"{RELEASE}-{priority}"} if priority else {})
