"""KEDA's chart, which is no part of this project: from `KEDA_CHART`, or from where `make chart` puts it."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from constructs.airflow.charts.airflow_chart import CACHE
from constructs.airflow.charts.released_chart import KEDA
from constructs.airflow.network.peers import KEDA_NAMESPACE
from helm_python import Chart

from tests.chart.environments import ROOT

VARIABLE = "KEDA_CHART"
FETCHED = CACHE.parent / f"{KEDA.name}-{KEDA.version}"
GROUP = "keda.sh/"


def keda_chart() -> Path:
    """Return where the chart is, in the version that is installed; skip the test where it isn't."""
    folder = ROOT / os.environ.get(VARIABLE, FETCHED)
    if not folder.exists():
        pytest.skip(f"KEDA's chart is not at hand: {VARIABLE} is not set, no {FETCHED}.")
    assert KEDA.is_at(folder)
    return folder


def keda_complaint(body: Mapping[str, Any]) -> str | None:
    """Say what is wrong with an object of KEDA's, to the definition that the chart installs."""
    schema = _schemas()[body["kind"], body["apiVersion"].removeprefix(GROUP)]
    try:
        jsonschema.validate(body, schema)
    except jsonschema.ValidationError as error:
        return f"{body['kind']} {body['metadata']['name']}: {error.message}"
    return None


@functools.cache
def _schemas() -> Mapping[tuple[str, str], Mapping[str, Any]]:
    """Kind and version -> schema; an unknown field is an error, as with `kubectl --validate=strict`."""
    with Chart.load(keda_chart()) as chart:
        rendered = chart.render({}, name=KEDA.name, namespace=KEDA_NAMESPACE)
    bodies = [body for path, text in rendered.items() if "/crds/" in path for body in yaml.safe_load_all(text) if body]
    return {
        (body["spec"]["names"]["kind"], version["name"]): _closed(version["schema"]["openAPIV3Schema"])
        for body in bodies
        for version in body["spec"]["versions"]
    }


def _closed(schema: Any) -> Any:
    """Close each object whose fields are listed, the object's metadata left aside."""
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        closed.setdefault("additionalProperties", False)
    return closed
