"""Node groups and priorities of components."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from constructs.settings.document.problems import Problem
from constructs.settings.environment import Environment

Problems = Callable[[dict[str, str | None]], list[Problem]]
Load = Callable[[dict[str, str | None]], Environment]

GROUPS: dict[str, str | None] = {"cluster/node_groups": "{default: {}, tasks: {capacity_type: spot}}"}
NEEDED = ("api_server", "scheduler", "pgbouncer", "redis")
OTHERS = ("dag_processor", "triggerer", "workers", "statsd", "task_pod")


class TestNodeGroup:
    @pytest.mark.parametrize("name", OTHERS)
    def test_may_be_any_group_of_the_file(self, load: Load, name: str) -> None:
        """Of spot nodes too: such pods are started again, and their tasks elsewhere."""
        environment = load({**GROUPS, f"airflow/components/{name}": "{node_group: tasks, priority: low}"})
        component = getattr(environment.airflow.components, name)
        assert (component.node_group, component.priority) == ("tasks", "low")

    def test_of_the_job_that_prunes(self, load: Load) -> None:
        """It is placed as components are."""
        cleanup = load({**GROUPS, "airflow/cleanup": "{node_group: tasks, priority: low}"}).airflow.cleanup
        assert cleanup
        assert (cleanup.node_group, cleanup.priority) == ("tasks", "low")

    def test_has_to_be_there(self, problems: Problems) -> None:
        """The groups that there are, and the nearest of them."""
        (found,) = problems({**GROUPS, "airflow/components/workers": "{node_group: task}"})
        assert (found.key, found.received) == ("airflow.components.workers.node_group", '"task"')
        assert found.allowed == "one of cluster.node_groups: default, tasks"
        assert found.fix == "did you mean tasks?"
        (found,) = problems({**GROUPS, "airflow/components/workers": "{node_group: spare}"})
        assert found.fix == "name one of these, or add the group to the file"

    @pytest.mark.parametrize("name", NEEDED)
    def test_is_no_spot_group_for_what_all_tasks_need(self, problems: Problems, name: str) -> None:
        """Two minutes' notice, and nothing runs: the groups that will do are named."""
        (found,) = problems({**GROUPS, f"airflow/components/{name}": "{node_group: tasks}"})
        assert (found.key, found.received) == (f"airflow.components.{name}.node_group", '"tasks" (tasks is spot)')
        assert found.allowed.startswith("a node group with capacity_type: on_demand: AWS takes spot nodes away")
        assert found.fix == "name one of default"

    def test_where_all_groups_are_spot(self, problems: Problems) -> None:
        """A group has to be added; unnamed it may still run there."""
        changes: dict[str, str | None] = {"cluster/node_groups": "{default: {capacity_type: spot}}"}
        (found,) = problems({**changes, "airflow/components/redis": "{node_group: default}"})
        assert found.fix == "add a node group with capacity_type: on_demand, or leave the key out"

    @pytest.mark.parametrize("name", ["git_sync", "log_groomer"])
    def test_sidecars_have_none(self, problems: Problems, name: str) -> None:
        """They are where the containers beside them are."""
        (found,) = problems({f"airflow/components/{name}": "{node_group: default}"})
        assert (found.key, found.received) == (f"airflow.components.{name}.node_group", "an unknown key")

    def test_is_not_judged_beside_groups_with_mistakes(self, problems: Problems) -> None:
        """Which there are is not known then: one mistake, not two."""
        (found,) = problems(
            {"cluster/node_groups": "{default: {min_size: x}}", "airflow/components/workers": "{node_group: tasks}"}
        )
        assert found.key == "cluster.node_groups.default.min_size"


def test_priority_is_one_of_two(problems: Problems) -> None:
    """The nearest word is offered."""
    (found,) = problems({"airflow/components/scheduler": "{priority: hihg}"})
    assert (found.key, found.allowed, found.fix) == (
        "airflow.components.scheduler.priority",
        "one of high, low",
        "did you mean high?",
    )
