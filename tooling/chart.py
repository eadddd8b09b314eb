"""The files of the two Helm charts, which are no part of this project.

`make chart` (`python -m tooling.chart`) downloads them to where tests, synthesis and demo look for them, the released
ones and no others;
`python -m tooling.chart names` writes the list of the chart's values that the synthesis warns by where they are not;
`python -m tooling.chart digests ARCHIVE` prints what `constructs.airflow.charts.released_chart` says of a release.
"""

from __future__ import annotations

import programs  # noqa: F401  # first: imports of constructs start Node.js

# isort: split

import shutil
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from constructs.airflow.charts.airflow_chart import CACHE, FOLDER_VARIABLE, RELEASE, values_schema
from constructs.airflow.charts.chart_source import ChartSource, chart_sources
from constructs.airflow.charts.released_chart import AIRFLOW, archive_digest, files_digest
from constructs.airflow.charts.rendering import POD_TEMPLATES
from constructs.airflow.user_values.value_names import FILE as NAMES_FILE
from constructs.airflow.user_values.value_names import names_text
from constructs.settings.sections.airflow.chart import ChartSettings
from helm_python import Chart

from ops.clients import charts
from ops.console.errors import OperationError
from tooling.virtual_environments import ROOT


class DownloadError(Exception):
    """The chart could not be had."""


@dataclass(frozen=True, kw_only=True)
class Workload:
    """What runs pods, and what each of its containers is."""

    kind: str
    name: str
    replicas: int
    containers: Sequence[tuple[str, str, Mapping[str, str]]]
    """Name, image, requests; without the init containers."""


def official_sources() -> Sequence[ChartSource]:
    """Return where environments take the charts from if they name no other place."""
    return list(chart_sources(ChartSettings(), autoscales=True, node_pools=True).values())


def download(source: ChartSource, folder: Path) -> None:
    """Put the unpacked chart into `folder`, whole or not at all; where it is already, leave it.

    Raises:
        DownloadError: the repository does not answer, has no such chart, or another one than was released.
    """
    chart = source.chart
    if folder.is_dir() and chart.is_at(folder):
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".unfinished-") as temporary:
        try:
            archive = charts.fetch(source, Path(temporary))
        except OperationError as error:
            raise DownloadError(
                f"{error}\nWhere there is no network: unpack {chart.archive} elsewhere, its SHA-256 is "
                f"{chart.archive_sha256}; the Airflow chart's folder is named in the environment variable "
                f"{FOLDER_VARIABLE}."
            ) from error
        unpacked = unpack(archive, Path(temporary))
        # What stood there was another chart: of an older version of this project, or no release.
        shutil.rmtree(folder, ignore_errors=True)
        shutil.move(unpacked, folder)


def unpack(archive: Path, folder: Path) -> Path:
    """Unpack a chart's archive below `folder`; return the chart's own folder."""
    with tarfile.open(archive) as content:
        content.extractall(folder, filter="data")
    (chart,) = (path.parent for path in folder.glob("*/Chart.yaml"))
    return chart


def rendered_objects(chart: Path, values: Mapping[str, Any], namespace: str) -> list[dict[str, Any]]:
    """Return the Kubernetes objects that a chart makes of values."""
    with Chart.load(chart) as loaded:
        rendered = loaded.render(dict(values), name=RELEASE, namespace=namespace)
    return [
        document
        for path, text in sorted(rendered.items())
        if not path.endswith("NOTES.txt")
        for document in yaml.safe_load_all(text)
        if document
    ]


def rendered_workloads(chart: Path, values: Mapping[str, Any], namespace: str = "airflow") -> list[Workload]:
    """Return what runs pods among what the chart makes of values."""
    return list(_workloads(rendered_objects(chart, values, namespace)))


def _workloads(objects: Sequence[Mapping[str, Any]]) -> Iterator[Workload]:
    for body in objects:
        if body["kind"] not in POD_TEMPLATES:
            continue
        template: Any = body
        for step in POD_TEMPLATES[body["kind"]]:
            template = template[step]
        containers = [
            (container["name"], container["image"], container.get("resources", {}).get("requests", {}))
            for container in template["spec"]["containers"]
        ]
        name, replicas = body["metadata"]["name"], body["spec"].get("replicas", 1)
        yield Workload(kind=body["kind"], name=name, replicas=replicas, containers=containers)


def main(arguments: Sequence[str]) -> int:
    """Download the charts, or write or print what is known of them; return 0, 1 where a chart cannot be had."""
    match arguments:
        case ["digests", archive]:
            return _print_digests(Path(archive))
        case []:
            wanted = official_sources()
        case _:
            wanted = [source for source in official_sources() if source.chart is AIRFLOW]
    for source in wanted:
        folder = CACHE.parent / f"{source.chart.name}-{source.chart.version}"
        try:
            download(source, ROOT / folder)
        except DownloadError as failure:
            print(failure, file=sys.stderr)
            return 1
        print(f"The chart {source.chart.name} {source.chart.version} is in {folder}/.")
    if arguments == ["names"]:
        NAMES_FILE.write_text(names_text(values_schema(ROOT / CACHE), AIRFLOW.version), encoding="utf-8")
        print(f"{NAMES_FILE.relative_to(ROOT)} is of chart {AIRFLOW.version}.")
    return 0


def _print_digests(archive: Path) -> int:
    with tempfile.TemporaryDirectory() as temporary:
        print(f'archive_sha256="{archive_digest(archive)}",')
        print(f'files_sha256="{files_digest(unpack(archive, Path(temporary)))}",')
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
