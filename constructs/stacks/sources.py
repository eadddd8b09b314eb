"""The files and charts that `platform` is made of."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from constructs.airflow import chart, load_balancer_controller_release, user_values
from constructs.airflow.chart_source import ChartSource
from constructs.airflow.rds_roots import CERTIFICATES, UnknownRegionError, root_certificates
from constructs.settings import Environment, EnvironmentFileError, Problem
from constructs.settings.problems import shown
from constructs.stacks import platform
from constructs.stacks.platform import PlatformSources


def platform_sources(environment: Environment, environ: Mapping[str, str], root: Path, outdir: Path) -> PlatformSources:
    """Read helm/values.yaml below `root` and say where the charts are, seen from where Terraform will run.

    Raises:
        EnvironmentFileError: helm/values.yaml has mistakes, or the region's certificates of RDS are not in the project.
        ChartError: AIRFLOW_CHART names no chart of the right version.
    """
    folder = outdir / "stacks" / platform.NAME
    sources = environment.airflow.chart
    airflow = ChartSource(source=sources.source, chart=chart.NAME, version=chart.VERSION)
    controller = ChartSource(
        source=sources.load_balancer_controller_source,
        chart=load_balancer_controller_release.CHART_NAME,
        version=load_balancer_controller_release.CHART_VERSION,
    )
    return PlatformSources(
        user_values=user_values.read_user_values(root / user_values.FILE),
        chart_files=chart.find_chart(environ, root),
        rds_root_certificates=_root_certificates(environment.region),
        airflow_chart=airflow.seen_from(folder, root),
        load_balancer_controller_chart=controller.seen_from(folder, root),
    )


def _root_certificates(region: str) -> str:
    try:
        return root_certificates(region)
    except UnknownRegionError as unknown:
        allowed = "a region whose certificates of RDS are in that folder: the database is verified by them"
        fix = f"add {region}.pem to it, as its README.md says"
        raise EnvironmentFileError([Problem(shown(CERTIFICATES), None, "region", region, allowed, fix)]) from unknown
