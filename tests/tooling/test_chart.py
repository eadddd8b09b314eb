"""`make chart`: from a repository on this machine, made of a small chart of the same name and version."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from constructs.airflow.chart import VERSION
from helm_python import package, repo_index_generate

from tooling import chart
from tooling.chart import DownloadError, Workload, download, rendered_workloads

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: airflow-scheduler}
spec:
  replicas: {{ .Values.replicas }}
  template:
    spec:
      containers:
        - name: scheduler
          image: apache/airflow:3.2.2
          resources: {requests: {cpu: 250m}}
"""


class Quiet(SimpleHTTPRequestHandler):
    """Serves files without a word."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's signature
        """Say nothing."""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A chart that is called as the official one, with one deployment."""
    folder = tmp_path / "source" / "airflow"
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text(f"apiVersion: v2\nname: airflow\nversion: {VERSION}\n", encoding="utf-8")
    (folder / "values.yaml").write_text("replicas: 1\n", encoding="utf-8")
    (folder / "templates" / "deployment.yaml").write_text(DEPLOYMENT, encoding="utf-8")
    (folder / "templates" / "NOTES.txt").write_text("Thank you\n", encoding="utf-8")
    return folder


@pytest.fixture
def repository(tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A chart repository on the loopback; Helm's own cache is a folder of the test."""
    for name in ("HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    served = tmp_path / "served"
    served.mkdir()
    package(source, destination=served)
    repo_index_generate(served)
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=served))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class TestDownload:
    def test_unpacks_the_chart(self, repository: str, tmp_path: Path) -> None:
        """Its files, and nothing else beside them."""
        folder = tmp_path / "charts" / "airflow"
        download(repository, folder)
        assert (folder / "templates" / "deployment.yaml").read_text(encoding="utf-8") == DEPLOYMENT
        assert [path.name for path in folder.parent.iterdir()] == ["airflow"]

    def test_leaves_what_is_there(self, source: Path) -> None:
        """A second run asks no repository."""
        before = sorted(source.rglob("*"))
        download("http://127.0.0.1:9", source)
        assert sorted(source.rglob("*")) == before

    def test_that_fails_says_so_and_leaves_nothing(self, tmp_path: Path) -> None:
        """Where it was asked for, and what to do without a network."""
        folder = tmp_path / "charts" / "airflow"
        with pytest.raises(DownloadError, match=r"cannot be had from http://127\.0\.0\.1:9[\s\S]*AIRFLOW_CHART"):
            download("http://127.0.0.1:9", folder)
        assert list(folder.parent.iterdir()) == []

    def test_of_a_version_that_is_not_there_fails(
        self, repository: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The repository is named."""
        monkeypatch.setattr(chart, "VERSION", "9.9.9")
        with pytest.raises(DownloadError, match=r"The Airflow chart 9\.9\.9 cannot be had from"):
            download(repository, tmp_path / "airflow")


class TestProgram:
    def test_ends_with_1_without_network(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """One line of reason and one of advice, no traceback."""
        monkeypatch.setattr(chart, "ROOT", tmp_path)
        monkeypatch.setattr(chart, "official_repository", lambda: "http://127.0.0.1:9")
        assert chart.main([]) == 1
        assert "AIRFLOW_CHART" in capsys.readouterr().err

    def test_says_where_the_chart_is(
        self, repository: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Below the checkout, where tests and synthesis find it."""
        monkeypatch.setattr(chart, "ROOT", tmp_path)
        monkeypatch.setattr(chart, "official_repository", lambda: repository)
        assert chart.main([]) == 0
        assert f".tools/charts/airflow-{VERSION}/" in capsys.readouterr().out
        assert (tmp_path / ".tools" / "charts" / f"airflow-{VERSION}" / "Chart.yaml").is_file()

    def test_asks_the_official_repository(self) -> None:
        """The one that environments have by default."""
        assert chart.official_repository() == "https://airflow.apache.org"


class TestRenderedWorkloads:
    def test_are_what_runs_pods(self, source: Path) -> None:
        """With images and requests of their containers, as the demo shows them."""
        assert rendered_workloads(source, {"replicas": 3}) == [
            Workload(
                kind="Deployment",
                name="airflow-scheduler",
                replicas=3,
                containers=[("scheduler", "apache/airflow:3.2.2", {"cpu": "250m"})],
            )
        ]
