"""What a preflight says about the charts that Terraform is going to fetch."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

import pytest
from constructs.airflow.charts import chart_source
from constructs.airflow.charts.chart_source import ChartSource
from constructs.airflow.charts.released_chart import AIRFLOW
from constructs.settings.environment import Environment
from constructs.settings.loading.environment_file import load_environment

from ops.clients import charts
from ops.preflight import charts as preflight_charts
from ops.preflight.charts import check_charts
from ops.preflight.check import Result
from ops.preflight.checking import Step, made
from programs.own_tools import ROOT
from tests.chart_repository import packed, serving, write_chart


@pytest.fixture(scope="module")
def dev() -> Environment:
    """The shipped environment dev."""
    return load_environment(ROOT / "environments" / "dev.yaml")


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files of a repository with a small chart of Airflow's name; Helm's own cache is a folder of the test."""
    for name in ("HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    return tmp_path / "served"


def sources(monkeypatch: pytest.MonkeyPatch, source: ChartSource) -> None:
    """Have an environment with this one chart."""
    monkeypatch.setattr(preflight_charts, "chart_sources", lambda *_, **__: {"source": source})


class TestCheckCharts:
    def test_the_released_one_is_ok(
        self, dev: Environment, served: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Its name and version are said."""
        released = packed(write_chart(tmp_path / "airflow"), served)
        with serving(served) as url:
            sources(monkeypatch, ChartSource(source=url, chart=released))
            (check,) = check_charts(dev)
        assert (check.result, check.detail) == (Result.OK, "airflow 1.22.0 is the released one")

    def test_another_one_stops_a_deploy(
        self, dev: Environment, served: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A repository that hands out other bytes under the release's name: both digests, and the setting to change."""
        found = packed(write_chart(tmp_path / "airflow"), served)
        with serving(served) as url:
            sources(monkeypatch, ChartSource(source=url, chart=AIRFLOW))
            (check,) = check_charts(dev)
        assert check.result is Result.PROBLEM
        assert found.archive_sha256 in check.detail
        assert AIRFLOW.archive_sha256 in check.detail
        assert "airflow.chart.source" in check.fix

    def test_a_source_that_does_not_answer_stops_nobody(
        self, dev: Environment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Terraform, which asks it next, may have another way to it."""
        sources(monkeypatch, ChartSource(source="http://127.0.0.1:9", chart=AIRFLOW))
        (check,) = check_charts(dev)
        assert check.result is Result.UNKNOWN
        assert "cannot be had from http://127.0.0.1:9" in check.detail

    def test_a_machine_without_room_stops_nobody(
        self, dev: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whether there is no temporary folder or no space in it: that line says so, and the others are still made."""

        def full(*_: object) -> Path:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "airflow.tgz")

        sources(monkeypatch, ChartSource(source="http://127.0.0.1:9", chart=AIRFLOW))
        with monkeypatch.context() as nowhere:
            nowhere.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
            (without_folder,) = made(Step(preflight_charts.SUBJECT, lambda: check_charts(dev)))
        monkeypatch.setattr(charts, "fetch", full)
        (without_space,) = check_charts(dev)
        assert {without_folder.result, without_space.result} == {Result.UNKNOWN}
        assert str(tmp_path / "missing") in without_folder.detail
        assert "No space left on device: 'airflow.tgz'" in without_space.detail
        assert "TMPDIR" in without_space.fix

    def test_charts_on_disk_are_not_fetched(self, dev: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
        """The synthesis and each plan look at them."""
        sources(monkeypatch, ChartSource(source="./charts/airflow", chart=AIRFLOW))
        assert list(check_charts(dev)) == []

    def test_both_charts_are_asked_for(self, dev: Environment) -> None:
        """Airflow's and the load balancer controller's, KEDA's where something is scaled."""
        found = chart_source.chart_sources(dev.airflow.chart, autoscales=False, node_pools=False)
        assert {key: source.chart.name for key, source in found.items()} == {
            "source": "airflow",
            "load_balancer_controller_source": "aws-load-balancer-controller",
        }
        assert (
            chart_source.chart_sources(dev.airflow.chart, autoscales=True, node_pools=False)["keda_source"].chart.name
            == "keda"
        )
