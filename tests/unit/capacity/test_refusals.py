"""What can never have a place is a mistake of the file."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from constructs.settings.document.problems import Problem
from constructs.settings.environment import Environment

Load = Callable[[dict[str, str | None]], Environment]
Problems = Callable[[dict[str, str | None]], list[Problem]]


def only(problems: list[Problem]) -> Problem:
    """The one mistake."""
    (problem,) = problems
    return problem


class TestTooLarge:
    def test_a_pod_that_no_node_holds(self, problems: Problems) -> None:
        """50 workers of 32 GiB on nodes of 8 GiB: the size is named, with what a node has."""
        found = only(problems({"airflow/components/workers": "{memory: 32Gi, replicas: 50}"}))
        assert found.key == "airflow.components.workers.memory"
        assert found.line
        assert found.received == "32Gi (33024Mi with its sidecars)"
        assert found.allowed.startswith("at most 7398Mi for the pod with its sidecars")
        assert "4 x m7g.large (default)" in found.allowed
        assert "cluster.node_groups.default.instance_types" in found.fix

    def test_processor_time_is_looked_at_too(self, problems: Problems) -> None:
        """Three cores on nodes of two."""
        found = only(problems({"airflow/components/scheduler": '{cpu: "3"}'}))
        assert (found.key, found.received) == ("airflow.components.scheduler.cpu", "3 (3010m with its sidecars)")

    def test_the_pod_of_a_task(self, problems: Problems) -> None:
        """It is made when a task starts: nothing else would say that it never does."""
        changes: dict[str, str | None] = {
            "airflow/executor": "KubernetesExecutor",
            "airflow/components/task_pod": "{memory: 16Gi}",
        }
        assert only(problems(changes)).key == "airflow.components.task_pod.memory"

    def test_the_pod_of_a_task_by_another_template(self, problems: Problems) -> None:
        """Each template has its own size and nodes; the default one is of no concern."""
        changes: dict[str, str | None] = {
            "cluster/node_groups": "{default: {instance_types: [r7g.2xlarge]}, small: {}}",
            "airflow/executor": "KubernetesExecutor",
            "airflow/task_pods": "{large: {memory: 32Gi}, lost: {memory: 32Gi, node_group: small}}",
        }
        found = only(problems(changes))
        assert found.key == "airflow.task_pods.lost.memory"
        assert "no node of small has more left for pods" in found.allowed

    @pytest.mark.parametrize(
        ("executor", "component", "further", "key"),
        [
            ("KubernetesExecutor", "task_pod", "task_pods", "airflow.task_pods.large.memory"),
            ("CeleryExecutor", "workers", "workers", "airflow.workers.large.memory"),
        ],
    )
    def test_what_names_no_nodes_follows_its_component(
        self, problems: Problems, executor: str, component: str, further: str, key: str
    ) -> None:
        """A template goes where the default one goes, a set where the default workers are."""
        queues = ", queues: [large]" if further == "workers" else ""
        changes: dict[str, str | None] = {
            "cluster/node_groups": "{default: {instance_types: [r7g.2xlarge]}, small: {}}",
            "airflow/executor": executor,
            f"airflow/components/{component}": "{node_group: small}",
            f"airflow/{further}": f"{{large: {{memory: 32Gi{queues}}}}}",
        }
        found = only(problems(changes))
        assert found.key == key
        assert "no node of small has more left for pods" in found.allowed

    def test_the_largest_group_counts(self, load: Load) -> None:
        """One group that holds it is enough, tainted or not: helm/values.yaml may put the pod there."""
        groups = "{default: {}, large: {instance_types: [r7g.2xlarge], taints: [{key: k, effect: NoSchedule}]}}"
        found = load({"cluster/node_groups": groups, "airflow/components/workers": "{memory: 32Gi}"})
        assert found.airflow.components.workers.memory == "32Gi"

    def test_the_group_that_the_file_names_counts(self, problems: Problems) -> None:
        """However large the others are."""
        changes: dict[str, str | None] = {
            "cluster/node_groups": "{default: {instance_types: [r7g.2xlarge]}, small: {}}",
            "airflow/components/workers": "{memory: 32Gi, node_group: small}",
        }
        found = only(problems(changes))
        assert found.key == "airflow.components.workers.memory"
        assert "no node of small has more left for pods (4 x m7g.large (small))" in found.allowed
        assert "cluster.node_groups.small.instance_types" in found.fix


class TestTooMany:
    def test_more_pods_than_the_most_nodes_hold(self, problems: Problems) -> None:
        """The number that might fit, and the size of the group that bounds it."""
        found = only(problems({"airflow/components/workers": "{replicas: 50}"}))
        assert (found.key, found.received) == ("airflow.components.workers.replicas", "50")
        assert found.allowed == "at most 9 of this size, on the most nodes that there may be: 4 x m7g.large (default)"
        assert found.fix == "lower it, or raise cluster.node_groups.default.max_size, 4, and min_size with it"

    @pytest.mark.parametrize("replicas", [8, 9])
    def test_what_may_fit_is_not_refused(self, load: Load, replicas: int) -> None:
        """Up to that number."""
        found = load({"airflow/components/workers": f"{{replicas: {replicas}}}"})
        assert found.airflow.components.workers.replicas == replicas

    def test_nodes_too_small_for_everything(self, problems: Problems) -> None:
        """Where no number of one component would do, the group is named."""
        groups = "{default: {instance_types: [m7g.large], min_size: 1, max_size: 1}}"
        found = only(problems({"cluster/node_groups": groups}))
        assert (found.key, found.received) == ("cluster.node_groups.default.max_size", "1")
        assert "enough nodes for all pods; on 1 x m7g.large (default)" in found.allowed

    def test_more_than_the_named_group_holds(self, problems: Problems) -> None:
        """Room in other groups is none."""
        changes: dict[str, str | None] = {
            "cluster/node_groups": "{default: {max_size: 20}, tasks: {min_size: 1, max_size: 1}}",
            "airflow/components/workers": "{replicas: 9, node_group: tasks}",
        }
        found = only(problems(changes))
        assert (found.key, found.received) == ("airflow.components.workers.replicas", "9")
        assert found.allowed == "at most 3 of this size, on the most nodes that there may be: 1 x m7g.large (tasks)"
        assert "cluster.node_groups.tasks.max_size" in found.fix

    def test_a_type_that_is_newer_than_the_table_is_not_judged(self, load: Load) -> None:
        """What is not known is no mistake."""
        changes: dict[str, str | None] = {"cluster/node_groups": "{default: {instance_types: [m99g.large]}}"}
        found = load({**changes, "airflow/components/workers": "{replicas: 200, memory: 64Gi}"})
        assert found.airflow.components.workers.replicas == 200
