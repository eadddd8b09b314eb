"""Helm charts as their sources hand them out: what is fetched is the released chart, or refused."""

from __future__ import annotations

from pathlib import Path

from constructs.airflow.charts.chart_source import ChartSource
from constructs.airflow.charts.released_chart import archive_digest

from ops.console.errors import OperationError, UnreachableError
from ops.console.pages import Page


def fetch(source: ChartSource, folder: Path) -> Path:
    """Download a chart's archive from its repository or registry into an empty folder; return its path.

    Raises:
        UnreachableError: the source doesn't answer, or has no such chart.
        OperationError: it hands out something else than what was released.
        OSError: the folder doesn't take the archive.
    """
    from helm_python import HelmError, pull  # noqa: PLC0415  # a library of 80 MB that is read for this alone

    chart = source.chart
    what = f"The chart {chart.name} {chart.version}"
    try:
        if source.source.startswith("oci://"):
            pull(source.source, version=chart.version, destination=folder)
        else:
            pull(chart.name, repo_url=source.source, version=chart.version, destination=folder)
        (archive,) = folder.glob("*.tgz")
    except (HelmError, ValueError) as error:
        raise UnreachableError(f"{what} cannot be had from {source.source}: {error}") from error
    found = archive_digest(archive)
    if chart.is_known and found != chart.archive_sha256:
        raise OperationError(
            f"{what} that {source.source} hands out is not the released one: its SHA-256 is {found}, and the "
            f"release's {chart.archive_sha256}.",
            fix=f"have {chart.archive} of the release put there, or name another source",
            page=Page.CHARTS,
        )
    return archive
