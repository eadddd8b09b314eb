"""Charts are known by their bytes, in this project and in Terraform."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from constructs.airflow.charts.chart_check import released_only
from constructs.airflow.charts.chart_source import ChartSource
from constructs.airflow.charts.released_chart import AIRFLOW, LOAD_BALANCER_CONTROLLER, ReleasedChart

from tests.chart_repository import packed, write_chart


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An unpacked chart with a hidden file, as many have one."""
    folder = write_chart(tmp_path / "airflow")
    (folder / ".helmignore").write_text("*.tmp\n", encoding="utf-8")
    return folder


@pytest.fixture
def released(folder: Path, tmp_path: Path) -> ReleasedChart:
    """The release that it is; its archive is in `served`."""
    return packed(folder, tmp_path / "served")


def change(path: Path) -> None:
    """One byte more."""
    path.write_bytes(path.read_bytes() + b"\n")


class TestReleasedChart:
    def test_is_pinned_by_version_and_digest(self) -> None:
        """Of the archive that Apache has released, and of the one that AWS has."""
        assert (AIRFLOW.archive, AIRFLOW.archive_sha256[:8]) == ("airflow-1.22.0.tgz", "1f7d1dfe")
        archive, digest = LOAD_BALANCER_CONTROLLER.archive, LOAD_BALANCER_CONTROLLER.archive_sha256
        assert (archive, digest[:8]) == ("aws-load-balancer-controller-3.5.0.tgz", "45051f63")

    def test_is_known_as_archive_and_as_folder(self, released: ReleasedChart, folder: Path, tmp_path: Path) -> None:
        """As it was packed, and as it was unpacked."""
        assert released.is_at(folder)
        assert released.is_at(tmp_path / "served" / released.archive)

    @pytest.mark.parametrize("name", ["values.yaml", ".helmignore", "templates/deployment.yaml"])
    def test_is_another_with_another_byte(self, released: ReleasedChart, folder: Path, name: str) -> None:
        """In any file."""
        change(folder / name)
        assert not released.is_at(folder)

    def test_is_another_with_a_file_more_or_less(self, released: ReleasedChart, folder: Path) -> None:
        """A template that somebody added is deployed as well."""
        (folder / "templates" / "more.yaml").write_text("", encoding="utf-8")
        assert not released.is_at(folder)
        (folder / "templates" / "more.yaml").rename(folder / "templates" / "NOTES.txt")
        assert not released.is_at(folder)

    def test_is_another_by_another_archive(self, released: ReleasedChart, tmp_path: Path) -> None:
        """Whatever is in it."""
        archive = tmp_path / "served" / released.archive
        change(archive)
        assert not released.is_at(archive)


def plan(folder: Path, source: ChartSource) -> subprocess.CompletedProcess[str]:
    """Plan a resource with the check that the release has; Terraform needs no provider for this one."""
    lifecycle: Any = released_only(source)
    (check,) = lifecycle.precondition
    precondition = {"condition": check.condition, "error_message": check.error_message}
    resource = {"terraform_data": {"release": {"lifecycle": {"precondition": [precondition]}}}}
    folder.mkdir()
    (folder / "main.tf.json").write_text(json.dumps({"resource": resource}), encoding="utf-8")
    command = ["terraform", "plan", "-input=false", "-no-color"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.skipif(shutil.which("terraform") is None, reason="needs terraform on PATH")
class TestTheCheckOfTheRelease:
    @pytest.mark.parametrize("url", ["https://charts.example.com", "oci://registry.example.com/charts/airflow"])
    def test_is_none_where_helm_downloads(self, url: str) -> None:
        """Terraform can't see what Helm fetches: the same JSON as ever."""
        assert released_only(ChartSource(source=url, chart=AIRFLOW)) is None

    @pytest.mark.parametrize("where", ["airflow", "served/airflow-1.22.0.tgz"], ids=["folder", "archive"])
    def test_lets_the_released_chart_through_and_no_other(
        self, released: ReleasedChart, folder: Path, tmp_path: Path, where: str
    ) -> None:
        """By Terraform itself, at each plan, wherever it runs; a path is seen from the stack's folder."""
        source = ChartSource(source=f"../{where}", chart=released)
        assert plan(tmp_path / "good", source).returncode == 0
        change(folder / ".helmignore" if where == "airflow" else tmp_path / where)
        refused = plan(tmp_path / "bad", source)
        assert refused.returncode == 1
        assert "is not the released chart airflow 1.22.0" in " ".join(refused.stderr.replace("│", "").split())

    def test_of_a_strange_path_is_no_template(self, released: ReleasedChart, tmp_path: Path) -> None:
        """A checkout may lie in a folder with any name."""
        (tmp_path / "served" / released.archive).rename(tmp_path / 'a "${b}" %{c}.tgz')
        source = ChartSource(source='../a "${b}" %{c}.tgz', chart=released)
        assert plan(tmp_path / "good", source).returncode == 0
        assert plan(tmp_path / "bad", replace(source, chart=AIRFLOW)).returncode == 1
