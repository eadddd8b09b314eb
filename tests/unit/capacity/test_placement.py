"""On which node groups pods may run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from constructs.capacity.placement import ANYWHERE, Placement, on_group, placements
from constructs.settings.environment import Environment
from constructs.settings.sections.node_groups import NodeGroupSettings

Load = Callable[[dict[str, str | None]], Environment]

TASKS = NodeGroupSettings.model_validate(
    {
        "workload": "tasks",
        "labels": {"team": "data"},
        "taints": [{"key": "tasks", "value": "only", "effect": "NoSchedule"}],
    }
)
PLAIN = NodeGroupSettings.model_validate({})
TOLERANT = {"key": "tasks", "operator": "Equal", "value": "only", "effect": "NoSchedule"}


class TestAllows:
    def test_nothing_said_is_everywhere_without_a_taint(self) -> None:
        """A taint keeps pods away that say nothing."""
        assert ANYWHERE.allows("default", PLAIN)
        assert not ANYWHERE.allows("tasks", TASKS)

    def test_a_taint_that_only_prefers_keeps_nobody_away(self) -> None:
        """PreferNoSchedule: better not, but it may."""
        group = NodeGroupSettings.model_validate({"taints": [{"key": "k", "effect": "PreferNoSchedule"}]})
        assert ANYWHERE.allows("default", group)

    @pytest.mark.parametrize(
        ("toleration", "allowed"),
        [
            (TOLERANT, True),
            ({"key": "tasks", "value": "only"}, True),
            ({"key": "tasks", "operator": "Exists"}, True),
            ({"operator": "Exists"}, True),
            ({"key": "tasks", "operator": "Exists", "effect": "NoExecute"}, False),
            ({"key": "tasks", "value": "other"}, False),
            ({"key": "other", "operator": "Exists"}, False),
        ],
    )
    def test_tolerations_are_read_as_kubernetes_does(self, toleration: dict[str, Any], *, allowed: bool) -> None:
        """Key, operator, value and effect."""
        assert Placement(tolerations=[toleration]).allows("tasks", TASKS) is allowed

    @pytest.mark.parametrize(
        ("selector", "allowed"),
        [
            ({"workload": "tasks"}, True),
            ({"team": "data", "eks.amazonaws.com/nodegroup": "tasks"}, True),
            ({"eks.amazonaws.com/nodegroup": "default"}, False),
            ({"workload": "other"}, False),
            ({"unheard-of": "x"}, False),
            ({"topology.kubernetes.io/zone": "eu-west-1a"}, True),
            ({"eks.amazonaws.com/capacityType": "SPOT"}, True),
        ],
    )
    def test_selectors_are_compared_with_the_groups_labels(self, selector: dict[str, str], *, allowed: bool) -> None:
        """Those that nodes get by themselves are taken to be there."""
        assert Placement(selector, [TOLERANT]).allows("tasks", TASKS) is allowed


class TestOnGroup:
    def test_leads_to_the_group_alone(self) -> None:
        """Its nodes have the label from EKS; nodes of another group don't, whatever their labels."""
        assert on_group("tasks", TASKS).allows("tasks", TASKS)
        assert not on_group("tasks", TASKS).allows("others", TASKS)

    def test_tolerates_the_groups_taints_and_no_others(self) -> None:
        """Each as Kubernetes writes it; an empty value is one."""
        taints = [{"key": "a", "effect": "NO_EXECUTE"}, {"key": "b", "value": "c", "effect": "PREFER_NO_SCHEDULE"}]
        group = NodeGroupSettings.model_validate({"taints": taints})
        assert on_group("g", group).values == {
            "nodeSelector": {"eks.amazonaws.com/nodegroup": "g"},
            "tolerations": [
                {"key": "a", "operator": "Equal", "value": "", "effect": "NoExecute"},
                {"key": "b", "operator": "Equal", "value": "c", "effect": "PreferNoSchedule"},
            ],
        }
        assert not on_group("tasks", group).allows("tasks", TASKS)


class TestPlacements:
    def test_are_read_from_the_charts_values(self, load: Load) -> None:
        """What a component says for itself, else what is said for all."""
        values = {
            "nodeSelector": {"workload": "base"},
            "tolerations": [{"operator": "Exists"}],
            "workers": {"celery": {"nodeSelector": {"workload": "tasks"}, "tolerations": []}},
            "redis": None,
        }
        found = placements(load({}), values)
        assert found["workers"] == Placement({"workload": "tasks"}, ({"operator": "Exists"},))
        assert found["task_pod"] == found["redis"] == Placement({"workload": "base"}, ({"operator": "Exists"},))

    def test_the_environments_file_is_over_the_values(self, load: Load) -> None:
        """The one is of this environment, the other of all."""
        changes: dict[str, str | None] = {
            "cluster/node_groups": "{default: {}, tasks: {}}",
            "airflow/components/workers": "{node_group: tasks}",
        }
        values = {"workers": {"celery": {"nodeSelector": {"workload": "other"}}}}
        found = placements(load(changes), values)
        assert found["workers"] == on_group("tasks", PLAIN)
        assert found["scheduler"] == ANYWHERE

    @pytest.mark.parametrize("values", [{}, {"scheduler": "odd"}, {"scheduler": {"nodeSelector": "odd"}}])
    def test_odd_values_say_nothing(self, load: Load, values: dict[str, Any]) -> None:
        """The schema of the chart refuses them in better words."""
        assert placements(load({}), values)["scheduler"] == ANYWHERE
