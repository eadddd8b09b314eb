"""Workers that follow the CPU, by the user's file, in an environment that has sets of workers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from constructs.settings.document.problems import Problem, key_path
from constructs.settings.document.text import Document

_SWITCH = ("workers", "celery", "hpa", "enabled")


def autoscaling_problems(document: Document, values: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield the switch of the workers' HPA where no HPA of theirs would scale; `values` are all of the release.

    The default workers' selector has the pods of sets in it, too, and Kubernetes scales no pods that two HPAs count
    (condition AmbiguousSelector, https://github.com/kubernetes/kubernetes/pull/112011).
    """
    workers = values.get("workers", {}).get("celery", {})
    hpa = workers.get("hpa")
    if isinstance(hpa, Mapping) and hpa.get("enabled") and workers.get("sets") and workers["enableDefault"]:
        yield Problem(
            document.file,
            document.line(_SWITCH),
            key_path(_SWITCH),
            "true",
            "false beside sets of workers (airflow.workers): their pods count as default workers, too, and Kubernetes "
            "scales none of them (AmbiguousSelector)",
            "remove it: airflow.components.workers and airflow.workers say how many pods there are; or leave the sets "
            "alone with it: airflow.components.workers.replicas: 0, and the queue default in a set",
        )
