"""The official Airflow chart: which one, and where its files are when they are at hand.

The chart is not part of this project. Where its files are at hand, values are checked against its own schema.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from constructs.airflow.charts.released_chart import AIRFLOW

NAME = AIRFLOW.name
VERSION = AIRFLOW.version
#: The chart's objects are called after the release. With this name they are called the same in every version of the
#: chart, and the same as in `pod_role.SERVICE_ACCOUNTS` and in the URLs of `connections`.
RELEASE = "airflow"


def pod_labels(component: str) -> dict[str, str]:
    """Return the labels of a component's pods, our jobs' too; services select by them, so VPC CNI finds services."""
    return {"tier": "airflow", "release": RELEASE, "component": component}


#: Label of the pods of a set of workers beside the default ones, which don't have it.
WORKER_SET_LABEL = "worker-set"


def worker_name(of_set: str | None = None) -> str:
    """Return the name of a set's Deployment, and of a service account of its own; None: of the default workers."""
    return f"{RELEASE}-worker-{of_set}" if of_set else f"{RELEASE}-worker"


#: ConfigMap of the templates for pods of tasks beside the chart's own, a file each.
TASK_PODS = f"{RELEASE}-task-pods"

#: Environment variable with the folder of the unpacked chart.
FOLDER_VARIABLE = "AIRFLOW_CHART"
#: Where `make chart` puts it, below the checkout's root.
CACHE = Path(".tools") / "charts" / f"{NAME}-{VERSION}"


class ChartError(Exception):
    """The folder that is said to be the chart's is not."""


def find_chart(environment: Mapping[str, str], root: Path) -> Path | None:
    """Return the folder of the chart's files: the one that the environment names, else the cache, else None.

    Raises:
        ChartError: the environment names a folder without the released chart of this version, or the cache holds
            another one.
    """
    named = environment.get(FOLDER_VARIABLE)
    folder = root / (named or CACHE)
    found = _version(folder)
    if not named and found is None:
        return None
    if found != VERSION:
        holds = f"holds version {found} of it" if found else "holds none"
    elif not AIRFLOW.is_at(folder):
        holds = f"says so of itself, but its files are not those of the release {AIRFLOW.archive}"
    else:
        return folder
    place, other = (f"{FOLDER_VARIABLE}={named}", "unset the variable") if named else (str(CACHE), "delete it")
    raise ChartError(
        f"{place}: the project is made for version {VERSION} of the Airflow chart, and this folder {holds}. "
        f"Unpack the archive with the SHA-256 {AIRFLOW.archive_sha256} there (make chart fetches it), or {other}."
    )


def _version(folder: Path) -> str | None:
    try:
        chart = yaml.safe_load((folder / "Chart.yaml").read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return None
    return str(chart.get("version")) if isinstance(chart, dict) and chart.get("name") == NAME else None


def values_schema(folder: Path) -> dict[str, Any]:
    """Return the JSON Schema of the chart's values.

    Raises:
        ChartError: the folder has none that can be read.
    """
    try:
        schema: dict[str, Any] = json.loads((folder / "values.schema.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ChartError(
            f"{folder} holds an incomplete chart, without a readable values.schema.json: {error}"
        ) from error
    return schema
