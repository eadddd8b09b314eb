"""What finds no room when it is needed is said at every synth."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import pytest
from constructs.capacity.remarks import remarks
from constructs.settings.environment import Environment
from constructs.settings.loading.environment_file import load_environment

ROOT = Path(__file__).parents[3]
Load = Callable[[dict[str, str | None]], Environment]

TAINTED = "{key: tasks, value: only, effect: NoSchedule}"
TWO_GROUPS = f"{{default: {{}}, tasks: {{workload: tasks, taints: [{TAINTED}]}}}}"


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_the_shipped_files_fit(name: str) -> None:
    """While a pod is replaced, and prod with one node less."""
    assert remarks(load_environment(ROOT / "environments" / f"{name}.yaml"), {}) == []


class TestWithoutRoom:
    def test_at_the_start(self, load: Load) -> None:
        """More than the first nodes hold: a deploy would wait for nothing; the size that suffices is named."""
        (said,) = remarks(load({"airflow/components/workers": "{replicas: 4}"}), {})
        assert said.startswith("cluster.node_groups.default.min_size: 4 of 19 pods find no room on the nodes that the ")
        assert "2 x m7g.large (default)" in said
        assert "write min_size: 3;" in said

    def test_for_an_update(self, load: Load) -> None:
        """All fit, but not one more of the largest: an update would wait."""
        (said,) = remarks(load({"airflow/components/workers": "{replicas: 2}"}), {})
        assert "all pods fit on 2 x m7g.large (default), but not one more of workers" in said
        assert "write min_size: 3;" in said

    def test_while_a_node_is_lost(self, load: Load) -> None:
        """Where somebody asks for two of a component, one node less is looked at."""
        groups = "{default: {instance_types: [m7g.xlarge], min_size: 2}}"
        environment = load(
            {"cluster/node_groups": groups, "airflow/components/workers": "{replicas: 5, concurrency: 4}"}
        )
        (said,) = remarks(environment, {})
        assert "all pods fit on 2 x m7g.xlarge (default), but while a node is lost" in said

    def test_more_than_max_size_names_both(self, load: Load) -> None:
        """min_size can't be larger than max_size."""
        groups = "{default: {min_size: 2, max_size: 2}}"
        environment = load({"cluster/node_groups": groups, "airflow/components/workers": "{replicas: 2}"})
        assert "write min_size: 3, max_size: 3;" in remarks(environment, {})[0]

    def test_a_newer_type_can_not_be_judged(self, load: Load) -> None:
        """And that is said, with the day of the table."""
        (said,) = remarks(load({"cluster/node_groups": "{default: {instance_types: [m99g.large]}}"}), {})
        assert said.startswith(
            "cluster.node_groups: m99g.large is not among the instance types that the project knows (as of "
        )


class TestPodsOfANode:
    GROUPS = "{default: {instance_types: [t4g.medium, m7g.large], min_size: 9, max_size: 30}}"
    SMALL = "{cpu: 5m, memory: 16Mi}"
    #: Airflow fills all their places.
    VALUES: ClassVar[dict[str, dict[str, dict[str, int]]]] = {"config": {"core": {"parallelism": 1200}}}
    CHANGES: ClassVar[dict[str, str | None]] = {
        "cluster/node_groups": GROUPS,
        "airflow/components/workers": "{replicas: 150, cpu: 5m, memory: 16Mi}",
        "airflow/components/git_sync": SMALL,
        "airflow/components/log_groomer": SMALL,
        "airflow/pgbouncer": "{max_client_connections: 2000}",
    }

    def test_run_out_before_memory_does(self, load: Load) -> None:
        """All nodes of a group get the number of its smallest type: 17, four of them daemon sets', so at most 117."""
        (said,) = remarks(load(self.CHANGES), self.VALUES)
        assert said.startswith("cluster.node_groups.default.min_size: 53 of 165 pods find no room on")

    def test_are_more_with_prefix_delegation(self, load: Load) -> None:
        """110 each."""
        assert remarks(load({**self.CHANGES, "cluster/pods": "{prefix_delegation: true}"}), self.VALUES) == []


class TestPlacement:
    def test_a_selector_that_no_group_has(self, load: Load) -> None:
        """The groups are named with their labels, for the next try."""
        values = {"workers": {"celery": {"nodeSelector": {"workload": "task"}}}}
        said = remarks(load({"cluster/node_groups": "{default: {}, tasks: {workload: tasks}}"}), values)
        (remark,) = said
        assert remark.startswith("helm/values.yaml: workers.celery: workers get no node: no node group has the labels")
        assert "the groups are default (no labels of its own); tasks (workload: tasks); airflow.components." in remark
        assert remark.endswith("airflow.components.workers.node_group names one for this environment alone")

    def test_of_pods_that_come_and_go(self, load: Load) -> None:
        """Those of tasks, and the job that prunes: nobody would see them wait."""
        nowhere = {"nodeSelector": {"workload": "task"}}
        values = {"workers": {"kubernetes": nowhere}, "databaseCleanup": nowhere}
        changes: dict[str, str | None] = {"airflow/executor": "KubernetesExecutor", "airflow/cleanup": "{}"}
        said = remarks(load(changes), values)
        assert [remark.partition(" get no node")[0] for remark in said] == [
            "helm/values.yaml: workers.kubernetes: task pod",
            "helm/values.yaml: databaseCleanup: cleanup",
        ]
        assert said[1].endswith("airflow.cleanup.node_group names one for this environment alone")

    def test_a_taint_that_nobody_tolerates(self, load: Load) -> None:
        """Its nodes cost money and run nothing."""
        (said,) = remarks(load({"cluster/node_groups": TWO_GROUPS}), {})
        assert said.startswith("cluster.node_groups.tasks.taints: no pod of Airflow tolerates them")

    def test_a_task_may_tolerate_it_by_its_dag(self, load: Load) -> None:
        """With the KubernetesExecutor that is not ours to see."""
        assert remarks(load({"cluster/node_groups": TWO_GROUPS, "airflow/executor": "KubernetesExecutor"}), {}) == []

    def test_workers_on_nodes_of_their_own(self, load: Load) -> None:
        """Selector and toleration lead there, and their room is counted."""
        selected = {"nodeSelector": {"workload": "tasks"}, "tolerations": [{"key": "tasks", "operator": "Exists"}]}
        values = {"workers": {"celery": selected}}
        assert remarks(load({"cluster/node_groups": TWO_GROUPS}), values) == []
        crowded = load({"cluster/node_groups": TWO_GROUPS, "airflow/components/workers": "{replicas: 7}"})
        assert remarks(crowded, values)[0].startswith("cluster.node_groups.tasks.min_size: 3 of 22 pods find no room")

    def test_workers_sent_there_by_the_environments_file(self, load: Load) -> None:
        """The group's taints are tolerated by that, and its room is counted, not the others'."""
        changes: dict[str, str | None] = {"cluster/node_groups": TWO_GROUPS}
        assert remarks(load({**changes, "airflow/components/workers": "{node_group: tasks}"}), {}) == []
        crowded = {**changes, "airflow/components/workers": "{node_group: tasks, replicas: 7}"}
        assert remarks(load(crowded), {})[0].startswith("cluster.node_groups.tasks.min_size: 3 of 22 pods find no room")


class TestSpot:
    def test_what_tasks_need_may_be_started_there(self, load: Load) -> None:
        """One sentence, with the way out: spot nodes are meant for workers."""
        changes: dict[str, str | None] = {"cluster/node_groups": "{default: {}, cheap: {capacity_type: spot}}"}
        (said,) = remarks(load(changes), {})
        assert said.startswith(
            "cluster.node_groups.cheap.capacity_type: api server, scheduler, pgbouncer, redis may be started on spot"
        )
        assert "node_group: default for these" in said

    def test_not_once_they_are_on_other_nodes(self, load: Load) -> None:
        """By a taint of the spot group, or by the group that they name."""
        taints = f"{{default: {{}}, cheap: {{capacity_type: spot, taints: [{TAINTED}]}}}}"
        workers: dict[str, str | None] = {"airflow/components/workers": "{node_group: cheap}"}
        assert remarks(load({"cluster/node_groups": taints, **workers}), {}) == []
        named = ("api_server", "scheduler", "pgbouncer", "redis")
        changes = {f"airflow/components/{name}": "{node_group: default}" for name in named}
        assert (
            remarks(load({"cluster/node_groups": "{default: {}, cheap: {capacity_type: spot}}", **changes}), {}) == []
        )

    def test_where_there_are_no_others(self, load: Load) -> None:
        """It is said, and what to add."""
        (said,) = remarks(load({"cluster/node_groups": "{default: {capacity_type: spot}}"}), {})
        assert said.endswith(
            "add a group with capacity_type: on_demand for them, if tasks are not to stand still meanwhile"
        )


class TestVolume:
    def test_fewer_nodes_than_zones(self, load: Load) -> None:
        """The queue's volume can't follow a node into another zone."""
        zones: dict[str, str | None] = {"availability_zones": "[eu-west-1a, eu-west-1b, eu-west-1c]"}
        (said,) = remarks(load(zones), {})
        assert said.startswith("cluster.node_groups.default.min_size: 2 nodes for 3 zones, and redis' volume stays")

    def test_a_group_of_one_zone_is_where_the_volume_is(self, load: Load) -> None:
        """Its nodes are replaced there."""
        groups = "{default: {availability_zones: [eu-west-1a]}}"
        zones: dict[str, str | None] = {"availability_zones": "[eu-west-1a, eu-west-1b, eu-west-1c]"}
        assert remarks(load({**zones, "cluster/node_groups": groups}), {}) == []

    def test_the_zones_of_the_group_that_redis_is_sent_to_count(self, load: Load) -> None:
        """Two nodes for two zones of three."""
        groups = "{default: {min_size: 3}, base: {availability_zones: [eu-west-1a, eu-west-1b], min_size: 2}}"
        zones: dict[str, str | None] = {"availability_zones": "[eu-west-1a, eu-west-1b, eu-west-1c]"}
        changes = {**zones, "cluster/node_groups": groups, "airflow/components/redis": "{node_group: base}"}
        assert remarks(load(changes), {}) == []
        one = {**changes, "cluster/node_groups": groups.replace("min_size: 2", "min_size: 1")}
        assert remarks(load(one), {})[-1].startswith("cluster.node_groups.base.min_size: 1 nodes for 2 zones")

    def test_without_a_queue_there_is_no_volume(self, load: Load) -> None:
        """KubernetesExecutor: nothing to say."""
        zones: dict[str, str | None] = {"availability_zones": "[eu-west-1a, eu-west-1b, eu-west-1c]"}
        assert remarks(load({**zones, "airflow/executor": "KubernetesExecutor"}), {}) == []


class TestBeyondTheNodes:
    def test_more_than_the_most_nodes_hold(self, load: Load) -> None:
        """What autoscaling may start and no node has room for is told, with how many."""
        values = {"config": {"core": {"parallelism": 1000}}}
        changes: dict[str, str | None] = {"airflow/components/workers": "{autoscaling: {max: 30}, concurrency: 1}"}
        (said,) = remarks(load(changes), values)
        assert said.startswith("airflow.components.workers.autoscaling.max: ")
        assert "of 30 pods find no room on the most nodes that there may be" in said

    def test_as_many_as_they_hold(self, load: Load) -> None:
        """Nothing is said."""
        assert remarks(load({"airflow/components/workers": "{autoscaling: {max: 2}}"}), {}) == []
