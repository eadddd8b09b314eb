"""Where the chart's files are, if they are at hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from constructs.airflow.chart import CACHE, VERSION, ChartError, find_chart


def unpack(folder: Path, version: str = VERSION, name: str = "airflow") -> Path:
    """Make a folder look like an unpacked chart."""
    folder.mkdir(parents=True)
    (folder / "Chart.yaml").write_text(f"name: {name}\nversion: {version}\n", encoding="utf-8")
    return folder


class TestFindChart:
    def test_finds_none_where_there_is_none(self, tmp_path: Path) -> None:
        """Neither named nor in the cache: values are checked by the list of names alone."""
        assert find_chart({}, tmp_path) is None

    def test_finds_the_cache(self, tmp_path: Path) -> None:
        """Where `make chart` puts it."""
        unpack(tmp_path / CACHE)
        assert find_chart({}, tmp_path) == tmp_path / CACHE

    def test_prefers_the_folder_that_is_named(self, tmp_path: Path) -> None:
        """Absolute, or relative to the checkout."""
        unpack(tmp_path / CACHE)
        folder = unpack(tmp_path / "mine")
        assert find_chart({"AIRFLOW_CHART": str(folder)}, tmp_path) == folder
        assert find_chart({"AIRFLOW_CHART": "mine"}, tmp_path) == folder

    def test_refuses_a_folder_without_the_chart(self, tmp_path: Path) -> None:
        """Whoever names one wants it to be used."""
        with pytest.raises(ChartError, match=r"AIRFLOW_CHART=nowhere: .* holds none"):
            find_chart({"AIRFLOW_CHART": "nowhere"}, tmp_path)

    @pytest.mark.parametrize(("version", "name"), [("1.21.0", "airflow"), (VERSION, "superset")])
    def test_refuses_another_chart(self, tmp_path: Path, version: str, name: str) -> None:
        """Another version has other values, and so has another chart."""
        unpack(tmp_path / "mine", version, name)
        with pytest.raises(ChartError, match=f"made for version {VERSION}"):
            find_chart({"AIRFLOW_CHART": "mine"}, tmp_path)
