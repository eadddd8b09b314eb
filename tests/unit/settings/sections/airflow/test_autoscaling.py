"""As many pods as there is work for: between which numbers, and where not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from constructs.settings.document.problems import Problem
from constructs.settings.environment import Environment

Load = Callable[[dict[str, str | None]], Environment]
Problems = Callable[[dict[str, str | None]], list[Problem]]

WORKERS, SETS = "airflow/components/workers", "airflow/workers"


class TestWithDefaultConfiguration:
    def test_numbers_are_fixed(self, load: Load) -> None:
        """Nothing of KEDA is there."""
        airflow = load({}).airflow
        assert not airflow.autoscales
        assert airflow.most_pods == airflow.pods

    def test_one_pod_stays(self, load: Load) -> None:
        """The largest number is all that has to be said."""
        scaled = load({WORKERS: "{autoscaling: {max: 5}}"}).airflow.components.workers.autoscaling
        assert scaled is not None
        assert (scaled.min, scaled.max, scaled.cooldown_seconds, scaled.polling_seconds) == (1, 5, 300, 15)


class TestWithCustomConfiguration:
    def test_counts_go_from_the_fewest_to_the_most(self, load: Load) -> None:
        """The fewest have to have room at the start; none is fine."""
        airflow = load({WORKERS: "{autoscaling: {min: 0, max: 3}}"}).airflow
        assert airflow.autoscales
        assert (airflow.pods["workers"][0], airflow.most_pods["workers"][0]) == (0, 3)

    @pytest.mark.parametrize(
        "changes",
        [
            {SETS: "{large: {queues: [large], autoscaling: {max: 2}}}"},
            {"airflow/components/triggerer": "{autoscaling: {max: 2}}"},
        ],
    )
    def test_sets_and_triggerers_may_have_it(self, load: Load, changes: dict[str, str | None]) -> None:
        """Each by itself brings KEDA."""
        assert load(changes).airflow.autoscales

    def test_workers_that_are_not_there_scale_nothing(self, load: Load) -> None:
        """The KubernetesExecutor alone has none."""
        changes: dict[str, str | None] = {WORKERS: "{autoscaling: {max: 2}}", "airflow/executor": "KubernetesExecutor"}
        assert not load(changes).airflow.autoscales


#: Changes of the file -> key, part of what was received, part of what is allowed, part of the fix.
MISTAKES = {
    "beside replicas": (
        {WORKERS: "{replicas: 3, autoscaling: {max: 5}}"},
        ("airflow.components.workers.autoscaling", "replicas is 3", "without replicas", "remove replicas"),
    ),
    "most below fewest": (
        {WORKERS: "{autoscaling: {min: 5, max: 3}}"},
        ("airflow.components.workers.autoscaling.max", "min is 5", "min or more", "raise it"),
    ),
    "no most": (
        {WORKERS: "{autoscaling: {min: 5}}"},
        ("airflow.components.workers.autoscaling.max", "missing", "", ""),
    ),
    "default workers and sets": (
        {WORKERS: "{autoscaling: {max: 2}}", SETS: "{large: {queues: [large], autoscaling: {max: 2}}}"},
        ("airflow.workers", "and sets with it", "can't tell their pods apart", "a set with the queue default"),
    ),
    "a component that KEDA knows nothing of": (
        {"airflow/components/scheduler": "{autoscaling: {max: 2}}"},
        ("airflow.components.scheduler.autoscaling", "unknown key", "", ""),
    ),
    "more than the quota": (
        {WORKERS: "{autoscaling: {max: 20}}", "airflow/quota": "{cpu: '20', memory: 30Gi, pods: 50}"},
        ("airflow.quota", "too small: memory", "or more", "raise airflow.quota.memory"),
    ),
}


@pytest.mark.parametrize(("changes", "words"), MISTAKES.values(), ids=list(MISTAKES))
def test_a_mistake_is_told_at_its_key(
    problems: Problems, changes: dict[str, str | None], words: tuple[str, str, str, str]
) -> None:
    """With what stands there, what may, and a way out."""
    (problem,) = problems(changes)
    key, received, allowed, fix = words
    assert problem.key == key
    assert received in problem.received
    assert allowed in problem.allowed
    assert fix in problem.fix


def test_a_set_may_scale_beside_workers_of_a_fixed_number(load: Load) -> None:
    """Kubernetes scales each set by a selector of its own."""
    airflow = load({SETS: "{a: {queues: [a], autoscaling: {max: 2}}, b: {queues: [b], autoscaling: {max: 3}}}"}).airflow
    assert airflow.most_pods["workers.b"][0] == 3
