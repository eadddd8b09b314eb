"""Where the chart's files are, if they are at hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from constructs.airflow.charts import airflow_chart as chart
from constructs.airflow.charts.airflow_chart import CACHE, VERSION, ChartError, find_chart
from constructs.airflow.charts.released_chart import ReleasedChart, files_digest


def unpack(folder: Path, version: str = VERSION, name: str = "airflow") -> Path:
    """Make a folder look like an unpacked chart."""
    folder.mkdir(parents=True)
    (folder / "Chart.yaml").write_text(f"name: {name}\nversion: {version}\n", encoding="utf-8")
    return folder


@pytest.fixture(autouse=True)
def released(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `unpack` writes is taken for the released chart."""
    digest = files_digest(unpack(tmp_path / "released"))
    released = ReleasedChart(name="airflow", version=VERSION, archive_sha256="1f7d", files_sha256=digest)
    monkeypatch.setattr(chart, "AIRFLOW", released)


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

    def test_refuses_another_one_of_the_version(self, tmp_path: Path) -> None:
        """Snapshots call themselves by the version of the release that follows them, and lack what it brings."""
        folder = unpack(tmp_path / "mine")
        (folder / "values.yaml").write_text("uid: 1\n", encoding="utf-8")
        with pytest.raises(ChartError, match=r"files are not those of the release[\s\S]* SHA-256 1f7d .*unset"):
            find_chart({"AIRFLOW_CHART": "mine"}, tmp_path)

    def test_refuses_another_one_in_the_cache(self, tmp_path: Path) -> None:
        """One that an older version of the project has fetched: what to do is said."""
        unpack(tmp_path / CACHE, version="1.21.0")
        with pytest.raises(ChartError, match=r"holds version 1\.21\.0 .*make chart.* or delete it"):
            find_chart({}, tmp_path)
