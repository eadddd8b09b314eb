"""Sets of workers: whose queue is whose, and what each of them may be."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from constructs.settings.document.problems import Problem
from constructs.settings.environment import Environment

Load = Callable[[dict[str, str | None]], Environment]
Problems = Callable[[dict[str, str | None]], list[Problem]]

WORKERS = "airflow/workers"
DEFAULT = "airflow/components/workers/replicas"
POLICY = "arn:aws:iam::111122223333:policy/{}"


class TestWithDefaultConfiguration:
    def test_there_are_none(self, load: Load) -> None:
        """The workers of the components run everything."""
        airflow = load({}).airflow
        assert airflow.worker_sets == {}
        assert "workers" in airflow.pods

    def test_a_set_is_as_large_as_the_default_workers(self, load: Load) -> None:
        """Its queues are all that has to be said."""
        airflow = load({WORKERS: "{large: {queues: [large]}}"}).airflow
        large = airflow.worker_sets["large"]
        assert (large.cpu, large.memory, large.replicas, large.concurrency) == ("400m", "2Gi", 1, 8)
        assert large.pod_policy_arns is None
        assert airflow.pods["workers.large"] == airflow.pods["workers"]


class TestWithCustomConfiguration:
    def test_there_are_none_without_celery(self, load: Load) -> None:
        """The KubernetesExecutor has no workers, whatever the file keeps for another day."""
        airflow = load({WORKERS: "{large: {queues: [large]}}", "airflow/executor": "KubernetesExecutor"}).airflow
        assert airflow.worker_sets == {}
        assert "workers.large" not in airflow.pods

    def test_a_set_may_take_the_place_of_the_default_workers(self, load: Load) -> None:
        """With its queue `default` the others may be none."""
        airflow = load({WORKERS: "{all: {queues: [default, large]}}", DEFAULT: "0"}).airflow
        assert airflow.pods["workers"][0] == 0

    def test_policies_of_all_are_each_named_once(self, load: Load) -> None:
        """What the role that deploys may attach."""
        shared, own = POLICY.format("shared"), POLICY.format("own")
        sets = f"{{a: {{queues: [a], pod_policy_arns: ['{own}', '{shared}']}}}}"
        airflow = load({WORKERS: sets, "airflow/pod_policy_arns": f"['{shared}']"}).airflow
        assert airflow.all_policy_arns == [shared, own]


def _policies(start: str) -> list[str]:
    return [POLICY.format(f"{start}{number}") for number in range(8)]


#: Changes of the file -> key, part of what was received, part of what is allowed, part of the fix.
MISTAKES = {
    "a queue of two sets": (
        {WORKERS: "{a: {queues: [x, y]}, b: {queues: [y]}}"},
        ("airflow.workers", "twice: y", "a queue belongs to one set", "all but one"),
    ),
    "a queue twice": (
        {WORKERS: "{a: {queues: [x, x]}}"},
        ("airflow.workers.a.queues", "twice: x", "each once", "remove the repetition"),
    ),
    "the default queue twice": (
        {WORKERS: "{a: {queues: [default]}}"},
        (
            "airflow.workers",
            "queue default",
            "which airflow.components.workers takes",
            "components.workers.replicas: 0",
        ),
    ),
    "the default queue alone": (
        {WORKERS: "{a: {queues: [a]}}", DEFAULT: "0"},
        ("airflow.components.workers.replicas", "0", "nobody else runs tasks", "among the queues of a set"),
    ),
    "no service account for task pods": (
        {
            WORKERS: "{a: {queues: [default]}}",
            DEFAULT: "0",
            "airflow/executor": "'CeleryExecutor,KubernetesExecutor'",
        },
        ("airflow.components.workers.replicas", "0", "CeleryExecutor,KubernetesExecutor", "executor: CeleryExecutor"),
    ),
    "no queue": (
        {WORKERS: "{a: {queues: []}}"},
        ("airflow.workers.a.queues", "an empty list", "1 to 20 queues", "add"),
    ),
    "queues missing": ({WORKERS: "{a: {cpu: '1'}}"}, ("airflow.workers.a.queues", "missing", "", "")),
    "a queue that a shell would read": (
        {WORKERS: "{a: {queues: ['x; rm']}}"},
        ("airflow.workers.a.queues[0]", "x; rm", "letters, digits and _ . -", "queue=..."),
    ),
    "the name default": (
        {WORKERS: "{default: {queues: [x]}}"},
        ("airflow.workers.default", "default", "those are airflow.components.workers", "a name such as large"),
    ),
    "too many policies": (
        {WORKERS: json.dumps({name: {"queues": [name], "pod_policy_arns": _policies(name)} for name in ("a", "b")})},
        ("airflow.workers", "16 policies", "at most 14 different policies", "into one policy"),
    ),
    "a worker that no node holds": (
        {WORKERS: "{a: {queues: [x], memory: 64Gi}}"},
        ("airflow.workers.a.memory", "64Gi", "for the pod with its sidecars", "instance_types"),
    ),
    "workers that no nodes hold": (
        {WORKERS: "{a: {queues: [x], replicas: 100}}"},
        ("airflow.workers.a.replicas", "100", "on the most nodes that there may be", "lower it"),
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


def test_policies_of_a_set_pass_the_boundary(problems: Problems) -> None:
    """What workflows deliver has a boundary, which lets nothing through that is not listed."""
    (problem,) = problems(
        {
            WORKERS: f"{{a: {{queues: [x], pod_policy_arns: ['{POLICY.format('own')}']}}}}",
            "delivery": "{repository: acme/airflow}",
            "state": "{backend: s3, bucket: acme-state}",
        }
    )
    assert problem.key == "airflow.workers.a.pod_policy_arns"
    assert "delivery.pod_actions" in problem.fix


def test_quota_counts_them(problems: Problems) -> None:
    """A quota that has no room for the sets is too small."""
    (problem,) = problems(
        {
            WORKERS: "{a: {queues: [x], replicas: 2}}",
            "airflow/quota": "{cpu: '8', memory: 12Gi, pods: 50}",
        }
    )
    assert problem.key == "airflow.quota"
    assert "too small: memory" in problem.received
