"""Changes of sets of workers in a Helm release's values, and what each is told to do."""

from __future__ import annotations

from tests.unit.ops.dangers.cases_release import REPLACED, one_value, release
from tests.unit.ops.dangers.judged import Block, Case


def _sets(**sets: dict[str, object]) -> Block:
    """A release with these sets of workers."""
    return release(workers={"celery": {"sets": [{"name": name, **each} for name, each in sets.items()]}})


LARGE: dict[str, object] = {"queue": "a,b", "replicas": 3, "terminationGracePeriodSeconds": 900, "args": ["sh", "a,b"]}
WORKER_SET_CASES: list[Case] = [
    ("helm_release", _sets(), _sets(large=LARGE), [f"{REPLACED} workers"]),
    (
        "helm_release",
        _sets(large=LARGE, small={"replicas": 1}),
        _sets(
            small={"replicas": 1},
            large={"queue": "b", "replicas": 2, "terminationGracePeriodSeconds": 600, "args": ["sh", "b"]},
        ),
        [
            "weakens workers.celery.sets.large.replicas: fewer of it run: 3 -> 2",
            "interrupts workers.celery.sets.large.queue: tasks of a queue wait if no other workers take it: a,b -> b",
            (
                "interrupts workers.celery.sets.large.terminationGracePeriodSeconds: running tasks get less time to "
                "end: 900 -> 600"
            ),
            f"{REPLACED} workers",
        ],
    ),
    one_value(
        "workers.celery.podDisruptionBudget.enabled",
        before=True,
        after=False,
        told=(
            "weakens workers.celery.podDisruptionBudget.enabled: without sets of workers, whose budgets are objects of "
            "their own, all may be stopped at the same time: true -> false"
        ),
    ),
]
