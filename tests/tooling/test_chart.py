"""`make chart`: from a repository on this machine, made of a small chart of the same name and version."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from constructs.airflow.charts.chart_source import ChartSource
from constructs.airflow.charts.released_chart import AIRFLOW

from tests.chart_repository import DEPLOYMENT, packed, serving, write_chart
from tooling import chart
from tooling.chart import DownloadError, Workload, download, rendered_workloads


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A chart that is called as the official one, with one deployment."""
    return write_chart(tmp_path / "source" / "airflow")


@pytest.fixture
def repository(tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ChartSource]:
    """A repository with that chart, which is taken for the released one; Helm's own cache is a folder of the test."""
    for name in ("HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    released = packed(source, tmp_path / "served")
    with serving(tmp_path / "served") as url:
        yield ChartSource(source=url, chart=released)


NOWHERE = ChartSource(source="http://127.0.0.1:9", chart=AIRFLOW)


class TestDownload:
    def test_unpacks_the_chart(self, repository: ChartSource, tmp_path: Path) -> None:
        """Its files, and nothing else beside them."""
        folder = tmp_path / "charts" / "airflow"
        download(repository, folder)
        assert (folder / "templates" / "deployment.yaml").read_text(encoding="utf-8") == DEPLOYMENT
        assert [path.name for path in folder.parent.iterdir()] == ["airflow"]
        assert repository.chart.is_at(folder)

    def test_leaves_what_is_there(self, repository: ChartSource, source: Path) -> None:
        """A second run asks no repository."""
        before = sorted(source.rglob("*"))
        download(replace(NOWHERE, chart=repository.chart), source)
        assert sorted(source.rglob("*")) == before

    def test_replaces_another_chart(self, repository: ChartSource, tmp_path: Path) -> None:
        """A snapshot of before the release, which calls itself by the same version, does not stay."""
        folder = tmp_path / "charts" / "airflow"
        write_chart(folder)
        (folder / "values.yaml").write_text("replicas: 7\n", encoding="utf-8")
        download(repository, folder)
        assert (folder / "values.yaml").read_text(encoding="utf-8") == "replicas: 1\n"

    def test_that_fails_says_so_and_leaves_nothing(self, tmp_path: Path) -> None:
        """Where it was asked for, and what to do without a network."""
        folder = tmp_path / "charts" / "airflow"
        with pytest.raises(DownloadError, match=r"cannot be had from http://127\.0\.0\.1:9[\s\S]*AIRFLOW_CHART"):
            download(NOWHERE, folder)
        assert list(folder.parent.iterdir()) == []

    def test_of_another_archive_is_refused(self, repository: ChartSource, tmp_path: Path) -> None:
        """A repository that hands out other bytes under the release's name and version: both digests are said."""
        folder = tmp_path / "charts" / "airflow"
        with pytest.raises(DownloadError) as refused:
            download(replace(repository, chart=AIRFLOW), folder)
        assert "is not the released one" in str(refused.value)
        assert repository.chart.archive_sha256 in str(refused.value)
        assert AIRFLOW.archive_sha256 in str(refused.value)
        assert list(folder.parent.iterdir()) == []

    def test_of_a_version_that_is_not_there_fails(self, repository: ChartSource, tmp_path: Path) -> None:
        """The repository is named."""
        absent = replace(repository, chart=replace(AIRFLOW, version="9.9.9"))
        with pytest.raises(DownloadError, match=r"The chart airflow 9\.9\.9 cannot be had from"):
            download(absent, tmp_path / "airflow")


class TestProgram:
    def test_ends_with_1_without_network(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """One line of reason and one of advice, no traceback."""
        monkeypatch.setattr(chart, "ROOT", tmp_path)
        monkeypatch.setattr(chart, "official_sources", lambda: [NOWHERE])
        assert chart.main([]) == 1
        assert "AIRFLOW_CHART" in capsys.readouterr().err

    def test_says_where_the_chart_is(
        self,
        repository: ChartSource,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        """Below the checkout, where tests and synthesis find it."""
        monkeypatch.setattr(chart, "ROOT", tmp_path)
        monkeypatch.setattr(chart, "official_sources", lambda: [repository])
        assert chart.main([]) == 0
        assert f".tools/charts/airflow-{AIRFLOW.version}/" in capsys.readouterr().out
        assert (tmp_path / ".tools" / "charts" / f"airflow-{AIRFLOW.version}" / "Chart.yaml").is_file()

    def test_prints_the_digests_of_an_archive(
        self, repository: ChartSource, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """As they are written down for a new version of a chart."""
        assert chart.main(["digests", str(tmp_path / "served" / AIRFLOW.archive)]) == 0
        printed = capsys.readouterr().out
        assert f'archive_sha256="{repository.chart.archive_sha256}"' in printed
        assert f'files_sha256="{repository.chart.files_sha256}"' in printed

    def test_asks_the_official_repositories(self) -> None:
        """Those that environments have by default."""
        assert {source.chart.name: source.source for source in chart.official_sources()} == {
            "airflow": "https://airflow.apache.org",
            "aws-load-balancer-controller": "https://aws.github.io/eks-charts",
            "keda": "https://kedacore.github.io/charts",
            "karpenter": "oci://public.ecr.aws/karpenter/karpenter",
            "karpenter-crd": "oci://public.ecr.aws/karpenter/karpenter-crd",
        }


class TestRenderedWorkloads:
    def test_are_what_runs_pods(self, source: Path) -> None:
        """With images and requests of their containers, as the demo shows them."""
        assert rendered_workloads(source, {"replicas": 3}) == [
            Workload(
                kind="Deployment",
                name="airflow-scheduler",
                replicas=3,
                containers=[("scheduler", "apache/airflow:3.3.2", {"cpu": "250m"})],
            )
        ]
