"""The files of the official Airflow chart, which are no part of this project.

`make chart` (`python -m tooling.chart`) downloads them to where tests, synthesis and demo look for them;
`python -m tooling.chart names` writes the list of the chart's values that the synthesis warns by where they are not.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from constructs.airflow.chart import CACHE, FOLDER_VARIABLE, NAME, RELEASE, VERSION, values_schema
from constructs.airflow.value_names import FILE as NAMES_FILE
from constructs.airflow.value_names import names_text
from constructs.settings.chart import ChartSettings
from helm_python import Chart, HelmError, pull

from tooling.install import ROOT

#: Kind -> where the pods' template is in an object of it.
POD_TEMPLATES = {
    "Deployment": ("spec", "template"),
    "StatefulSet": ("spec", "template"),
    "Job": ("spec", "template"),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
}


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


def official_repository() -> str:
    """Return the repository that environments take the chart from if they name none."""
    return str(ChartSettings().source)


def download(repository: str, folder: Path) -> None:
    """Put the chart of the project's version into `folder`, whole or not at all; where it is already, leave it.

    Raises:
        DownloadError: the repository does not answer, or has no such chart.
    """
    if (folder / "Chart.yaml").is_file():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".unfinished-") as temporary:
        try:
            pull(
                NAME,
                repo_url=repository,
                version=VERSION,
                destination=temporary,
                untar=True,
                untar_dir=temporary,
            )
        except HelmError as error:
            raise DownloadError(
                f"The Airflow chart {VERSION} cannot be had from {repository}: {error}\n"
                "Where there is no network: unpack it elsewhere, and name its folder in the environment variable "
                f"{FOLDER_VARIABLE}."
            ) from error
        shutil.move(Path(temporary) / NAME, folder)


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
    """Download the chart, or write the list of its values' names; return 0, 1 where the chart cannot be had."""
    folder = ROOT / CACHE
    try:
        download(official_repository(), folder)
    except DownloadError as failure:
        print(failure, file=sys.stderr)
        return 1
    if arguments == ["names"]:
        NAMES_FILE.write_text(names_text(values_schema(folder), VERSION), encoding="utf-8")
        print(f"{NAMES_FILE.relative_to(ROOT)} is of chart {VERSION}.")
        return 0
    print(f"The Airflow chart {VERSION} is in {CACHE}/.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
