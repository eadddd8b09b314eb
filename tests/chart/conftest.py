"""The chart's files, which are no part of this project: from `AIRFLOW_CHART`, or from where `make chart` puts them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import constructs.bindings  # noqa: F401  # first: it makes the provider packages cheap to import
import pytest
from constructs.airflow.charts.airflow_chart import CACHE, FOLDER_VARIABLE, find_chart
from constructs.airflow.charts.rendering import Rendering
from helm_python import Chart

from tests.chart.environments import ROOT, values

Render = Callable[..., Rendering]


@pytest.fixture(scope="session")
def chart_folder() -> Path:
    """The folder of the unpacked chart."""
    folder = find_chart(os.environ, ROOT)
    if folder is None:
        # No `unavailable`: the chart is not this project's, and CI has no way to it.
        pytest.skip(
            f"The Airflow chart is not at hand: {FOLDER_VARIABLE} is not set and {CACHE} not there (make chart)."
        )
    return folder


@pytest.fixture(scope="session")
def chart(chart_folder: Path) -> Chart:
    """The chart, loaded."""
    return Chart.load(chart_folder)


@pytest.fixture(scope="session")
def render_values(chart: Chart) -> Callable[[Mapping[str, Any]], Rendering]:
    """Render values."""
    return lambda given: Rendering(chart, given)


@pytest.fixture(scope="session")
def render(chart: Chart) -> Render:
    """Render a shipped environment with settings of its section `airflow` replaced; the same one only once."""
    done: dict[str, Rendering] = {}

    def once(name: str, **changes: Any) -> Rendering:
        key = repr((name, sorted(changes.items())))
        if key not in done:
            done[key] = Rendering(chart, values(name, **changes))
        return done[key]

    return once
