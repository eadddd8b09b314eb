"""Where a Helm chart comes from."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from constructs.airflow.charts.released_chart import (
    AIRFLOW,
    KARPENTER,
    KARPENTER_CRD,
    KEDA,
    LOAD_BALANCER_CONTROLLER,
    ReleasedChart,
)
from constructs.settings.sections.airflow.chart import ChartSettings

AIRFLOW_KEY = "source"
CONTROLLER_KEY = "load_balancer_controller_source"
KEDA_KEY = "keda_source"
KARPENTER_KEY = "karpenter_source"
KARPENTER_CRD_KEY = "karpenter_crd_source"


@dataclass(frozen=True, kw_only=True)
class ChartSource:
    """A released chart, in a repository, in an OCI registry or as a folder or archive on disk."""

    source: str
    """URL of the repository (`https://...`), the chart's own reference (`oci://...`), or a path."""

    chart: ReleasedChart

    @property
    def is_path(self) -> bool:
        """Whether the chart lies on disk."""
        return "://" not in self.source

    @property
    def is_archive(self) -> bool:
        """Whether it lies there as an archive."""
        return self.is_path and self.source.endswith(".tgz")

    def arguments(self) -> dict[str, str]:
        """`chart`, `repository` and `version` of a `helm_release`; a chart on disk is of the version that it is of."""
        if self.is_path:
            return {"chart": self.source}
        if self.source.startswith("oci://"):
            return {"chart": self.source, "version": self.chart.version}
        return {"chart": self.chart.name, "repository": self.source, "version": self.chart.version}

    def seen_from(self, folder: Path, root: Path) -> ChartSource:
        """The same source with a path as Terraform sees it, which runs in `folder`; paths are relative to `root`."""
        if not self.is_path:
            return self
        return ChartSource(source=os.path.relpath(root / self.source, folder), chart=self.chart)


def chart_sources(settings: ChartSettings, *, autoscales: bool, node_pools: bool) -> dict[str, ChartSource]:
    """Return where the charts come from, by the key of the setting in section `airflow.chart`."""
    karpenter = {
        KARPENTER_KEY: ChartSource(source=settings.karpenter_source, chart=KARPENTER),
        KARPENTER_CRD_KEY: ChartSource(source=settings.karpenter_crd_source, chart=KARPENTER_CRD),
    }
    keda = {KEDA_KEY: ChartSource(source=settings.keda_source, chart=KEDA)} if autoscales else {}
    return {
        AIRFLOW_KEY: ChartSource(source=settings.source, chart=AIRFLOW),
        CONTROLLER_KEY: ChartSource(source=settings.load_balancer_controller_source, chart=LOAD_BALANCER_CONTROLLER),
        **keda,
        **(karpenter if node_pools else {}),
    }
