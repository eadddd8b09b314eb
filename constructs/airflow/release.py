"""Airflow itself: the release of the official chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_helm.release import Release
from constructs.airflow.charts.airflow_chart import RELEASE
from constructs.airflow.charts.chart_check import released_only
from constructs.airflow.charts.chart_source import ChartSource
from constructs.naming.component import Component, Scope

#: How long Helm waits for all pods. New nodes, an image of more than a gigabyte and a first volume take minutes.
TIMEOUT_SECONDS = 1200

#: Revisions that Helm keeps as secrets in the namespace, to roll back to.
HISTORY = 10


@dataclass(frozen=True, kw_only=True)
class AirflowReleaseProps:
    """Inputs of `AirflowRelease`."""

    namespace: str
    source: ChartSource
    values: str
    """The values, YAML. No secret is among them, or it would be in the state and in every plan."""

    depends_on: Sequence[ITerraformDependable] = ()
    timeout_seconds: int = TIMEOUT_SECONDS


class AirflowRelease(Component):
    """The release `airflow`, complete when all of its pods are ready.

    A failed release stays as it is, for people to look at (no `atomic`); the next apply goes on from there. On destroy
    Helm waits for its objects too, so that the load balancer and volumes go while their controllers still run.
    """

    def __init__(self, scope: Scope, id_: str, props: AirflowReleaseProps) -> None:
        super().__init__(scope, id_)
        self.resource: ITerraformDependable = self.add(
            Release,
            "airflow",
            name=RELEASE,
            namespace=props.namespace,
            **props.source.arguments(),
            values=[props.values],
            # The chart's jobs are off, so there are none to wait for (`database_job`).
            wait=True,
            timeout=props.timeout_seconds,
            max_history=HISTORY,
            depends_on=list(props.depends_on),
            lifecycle=released_only(props.source),
        )
