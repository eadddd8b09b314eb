"""Karpenter's charts, where they are at hand: none of them is this project's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from constructs.airflow.charts.airflow_chart import CACHE
from constructs.airflow.charts.released_chart import KARPENTER

from tests.chart.environments import ROOT

VARIABLE = "KARPENTER_CHART"
FETCHED = CACHE.parent / f"{KARPENTER.name}-{KARPENTER.version}"


def karpenter_chart() -> Path:
    """The folder of the controller's chart, which has the definitions of its kinds, too. Skips the test without it."""
    folder = ROOT / os.environ.get(VARIABLE, FETCHED)
    if not folder.exists():
        pytest.skip(f"Karpenter's chart is not at hand: {VARIABLE} is not set, no {FETCHED}.")
    return folder
