"""Where a chart comes from."""

from __future__ import annotations

from pathlib import Path

import pytest
from constructs.airflow.charts.chart_source import ChartSource
from constructs.airflow.charts.released_chart import AIRFLOW

ROOT, FOLDER = Path("/checkout"), Path("/checkout/cdktf.out/dev/stacks/platform")


def source(where: str) -> ChartSource:
    """A chart called airflow of version 1.22.0."""
    return ChartSource(source=where, chart=AIRFLOW)


class TestArguments:
    def test_of_a_repository(self) -> None:
        """The chart by its name and version, from a repository."""
        assert source("https://charts.example.com").arguments() == {
            "chart": "airflow",
            "repository": "https://charts.example.com",
            "version": "1.22.0",
        }

    def test_of_a_registry(self) -> None:
        """A chart in an OCI registry has one reference, and a version."""
        reference = "oci://registry.example.com/charts/airflow"
        assert source(reference).arguments() == {"chart": reference, "version": "1.22.0"}

    def test_of_a_folder(self) -> None:
        """A chart on disk is of the version that it is of: another one in the arguments would only confuse."""
        assert source("./charts/airflow").arguments() == {"chart": "./charts/airflow"}


class TestSeenFrom:
    def test_a_path_below_the_checkout_is_relative_to_where_terraform_runs(self) -> None:
        """The JSON is the same on everybody's machine."""
        seen = source("./charts/airflow").seen_from(FOLDER, ROOT)
        assert seen.source == "../../../../charts/airflow"
        assert seen.is_path

    def test_a_path_elsewhere_is_found_too(self) -> None:
        """An absolute path leads to the same place."""
        seen = source("/srv/charts/airflow.tgz").seen_from(FOLDER, ROOT)
        assert (FOLDER / seen.source).resolve() == Path("/srv/charts/airflow.tgz")

    @pytest.mark.parametrize("where", ["https://charts.example.com", "oci://registry.example.com/airflow"])
    def test_an_address_stays_as_it_is(self, where: str) -> None:
        """What is not on disk is the same from everywhere."""
        assert source(where).seen_from(FOLDER, ROOT) == source(where)
