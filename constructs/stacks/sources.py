"""The files and charts that `platform` is made of."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from constructs.airflow.certificates.rds_roots import CERTIFICATES, UnknownRegionError, root_certificates
from constructs.airflow.charts import airflow_chart as chart
from constructs.airflow.charts.chart_source import (
    AIRFLOW_KEY,
    CONTROLLER_KEY,
    KARPENTER_CRD_KEY,
    KARPENTER_KEY,
    KEDA_KEY,
    ChartSource,
    chart_sources,
)
from constructs.airflow.user_values import file as user_values
from constructs.node_pools import pools_release
from constructs.settings.document.problems import EnvironmentFileError, Problem, shown
from constructs.settings.environment import Environment
from constructs.stacks import platform
from constructs.stacks.elastic import KarpenterSources
from constructs.stacks.platform import PlatformSources


def platform_sources(environment: Environment, environ: Mapping[str, str], root: Path, outdir: Path) -> PlatformSources:
    """Read helm/values.yaml below `root` and say where the charts are, seen from where Terraform will run.

    Raises:
        EnvironmentFileError: helm/values.yaml has mistakes, the region's certificates of RDS are not in the project, or
            a chart on disk is not the released one.
        ChartError: AIRFLOW_CHART names another chart.
    """
    folder = outdir / "stacks" / platform.NAME
    airflow = environment.airflow
    pools = bool(environment.cluster.node_pools)
    sources = chart_sources(airflow.chart, autoscales=airflow.autoscales, node_pools=pools)
    problems = [
        problem for key, source in sources.items() for problem in _another_chart(f"airflow.chart.{key}", source, root)
    ]
    if problems:
        raise EnvironmentFileError(problems)
    chart_files = chart.find_chart(environ, root)
    seen = {key: source.seen_from(folder, root) for key, source in sources.items()}
    return PlatformSources(
        user_values=user_values.read_user_values(root / user_values.FILE, chart_files),
        chart_files=chart_files,
        rds_root_certificates=_root_certificates(environment.region),
        airflow_chart=seen[AIRFLOW_KEY],
        load_balancer_controller_chart=seen[CONTROLLER_KEY],
        keda_chart=seen.get(KEDA_KEY),
        karpenter=KarpenterSources(
            definitions=seen[KARPENTER_CRD_KEY],
            controller=seen[KARPENTER_KEY],
            node_pools=os.path.relpath(root / pools_release.CHART, folder),
        )
        if pools
        else None,
    )


def _another_chart(key: str, source: ChartSource, root: Path) -> Iterator[Problem]:
    """What is wrong with a chart on disk; one that is not there yet is Terraform's to look at."""
    path = root / source.source
    if not source.is_path or not path.exists():
        return
    try:
        found = "" if source.chart.is_at(path) else "files that are not those of the release"
    except OSError as error:
        found = f"nothing that can be read: {error}"
    if found:
        allowed = (
            f"the released chart {source.chart.name} {source.chart.version}: its archive, with the SHA-256 "
            f"{source.chart.archive_sha256}, or a folder with exactly what is in it"
        )
        fix = "put it there, or name a repository; make chart fetches the charts"
        yield Problem(source.source, None, key, found, allowed, fix)


def _root_certificates(region: str) -> str:
    try:
        return root_certificates(region)
    except UnknownRegionError as unknown:
        allowed = "a region whose certificates of RDS are in that folder: the database is verified by them"
        fix = f"add {region}.pem to it, as its README.md says"
        raise EnvironmentFileError([Problem(shown(CERTIFICATES), None, "region", region, allowed, fix)]) from unknown
