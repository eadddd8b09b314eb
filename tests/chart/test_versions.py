"""What the chart makes of Airflow's version: of the oldest and of the newest that an environment file may name."""

from __future__ import annotations

import re

import pytest
from constructs.settings.sections.airflow.airflow import TESTED_VERSION

from tests.chart.conftest import Render
from tests.chart.environments import CASES

OLDEST_VERSION = "3.2.2"
#: Digests of configuration that names the version.
CHECKSUM = re.compile(r"(checksum/[a-z-]+): \S+")


class TestAirflowsVersion:
    @pytest.mark.parametrize(("name", "executor"), CASES)
    def test_is_all_that_differs(self, render: Render, name: str, executor: str) -> None:
        """The same objects, arguments, settings and notes but for the version itself: an upgrade is Airflow's alone."""
        old, new = (
            CHECKSUM.sub(r"\1", render(name, executor=executor, version=version).text).replace(version, "VERSION")
            for version in (OLDEST_VERSION, TESTED_VERSION)
        )
        assert "apache/airflow:VERSION" in new
        assert old == new
