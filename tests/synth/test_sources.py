"""What `platform` is made of beside the environment file: helm/values.yaml, charts, certificates."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml
from constructs.settings.document.problems import EnvironmentFileError
from constructs.settings.environment import Environment
from constructs.settings.loading.environment_file import load_environment
from constructs.stacks.sources import platform_sources

from main import ROOT

DEV = ROOT / "environments" / "dev.yaml"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout of which only helm/values.yaml is there."""
    shutil.copytree(ROOT / "helm", tmp_path / "helm")
    return tmp_path


def environment(folder: Path, **changes: object) -> Environment:
    """The environment dev with top-level keys replaced."""
    content = yaml.safe_load(DEV.read_text(encoding="utf-8")) | changes
    file = folder / "dev.yaml"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    return load_environment(file)


class TestUserValues:
    def test_a_key_of_the_stacks_is_refused(self, checkout: Path) -> None:
        """What the stack computes may not stand in helm/values.yaml: file, line, reason and the setting to use."""
        file = checkout / "helm" / "values.yaml"
        file.write_text("# mine\nexecutor: LocalExecutor\n", encoding="utf-8")
        with pytest.raises(EnvironmentFileError) as error:
            platform_sources(load_environment(DEV), {}, checkout, checkout / "out")
        [problem] = error.value.problems
        assert (problem.line, problem.key) == (2, "executor")
        assert "airflow.executor" in problem.fix

    def test_an_unknown_name_is_warned_of(self, checkout: Path) -> None:
        """A name that the chart doesn't have is most likely misspelled: the nearest one is named."""
        file = checkout / "helm" / "values.yaml"
        file.write_text("schedular:\n  env: []\n", encoding="utf-8")
        [warning] = platform_sources(load_environment(DEV), {}, checkout, checkout / "out").user_values.warnings
        assert "values.yaml:1: schedular" in warning
        assert "did you mean scheduler?" in warning

    def test_the_shipped_file_is_silent(self) -> None:
        """Nothing in it is odd."""
        assert platform_sources(load_environment(DEV), {}, ROOT, ROOT / "cdktf.out" / "dev").user_values.warnings == []


class TestCharts:
    def test_a_path_is_seen_from_where_terraform_runs(self, checkout: Path) -> None:
        """A chart below the checkout is found by Terraform, which runs in the stack's own folder."""
        dev = yaml.safe_load(DEV.read_text(encoding="utf-8"))
        with_path = environment(checkout, airflow=dev["airflow"] | {"chart": {"source": "./charts/airflow"}})
        sources = platform_sources(with_path, {}, checkout, checkout / "cdktf.out" / "dev")
        assert sources.airflow_chart.arguments() == {"chart": "../../../../charts/airflow"}
        assert sources.load_balancer_controller_chart.arguments()["version"] == "3.5.0"

    @pytest.mark.parametrize(
        ("key", "name"),
        [("source", "airflow"), ("load_balancer_controller_source", "aws-load-balancer-controller")],
    )
    def test_another_one_on_disk_is_refused(self, checkout: Path, key: str, name: str) -> None:
        """Neither an archive nor a folder that isn't the release is deployed: what it has to be is said."""
        dev = yaml.safe_load(DEV.read_text(encoding="utf-8"))
        (checkout / "mine.tgz").write_bytes(b"another")
        with_path = environment(checkout, airflow=dev["airflow"] | {"chart": {key: "./mine.tgz"}})
        with pytest.raises(EnvironmentFileError) as refused:
            platform_sources(with_path, {}, checkout, checkout / "out")
        (problem,) = refused.value.problems
        assert (problem.file, problem.key) == ("./mine.tgz", f"airflow.chart.{key}")
        assert f"the released chart {name} " in problem.allowed
        assert "SHA-256" in problem.allowed
        assert "make chart" in problem.fix


class TestCertificates:
    def test_a_region_without_any_is_refused(self, checkout: Path) -> None:
        """A database whose certificate can't be verified is not connected to; what to add is said."""
        zones = ["cn-north-1a", "cn-north-1b"]
        dev = yaml.safe_load(DEV.read_text(encoding="utf-8"))
        cluster = dev["cluster"] | {"administrators": ["arn:aws-cn:iam::111122223333:role/platform-engineers"]}
        china = environment(checkout, region="cn-north-1", availability_zones=zones, cluster=cluster)
        with pytest.raises(EnvironmentFileError) as error:
            platform_sources(china, {}, checkout, checkout / "out")
        [problem] = error.value.problems
        assert (problem.key, problem.received) == ("region", "cn-north-1")
        assert "cn-north-1.pem" in problem.fix
