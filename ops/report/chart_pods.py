"""Which pods of Airflow's chart read which secret, where the chart is at hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from constructs.airflow.charts.rendering import Rendering, references

from ops.pictures.stacks import Stacks


def chart_pods(stacks: Stacks, chart: Path, namespace: str) -> Mapping[str, Sequence[str]]:
    """Return secret -> workloads whose pods name it, `task` for the pods of the KubernetesExecutor."""
    from helm_python import Chart  # noqa: PLC0415  # Helm itself, read only where the chart is at hand

    with Chart.load(chart) as loaded:
        rendering = Rendering(loaded, stacks.values, namespace)
    found: dict[str, list[str]] = {}
    for workload, template in rendering.templates.items():
        for secret in sorted(set(references(template["spec"], "Secret"))):
            found.setdefault(secret, []).append(workload)
    return found
