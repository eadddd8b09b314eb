from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
import yaml

from tooling import hollow_cluster
from tooling.hollow_cluster import KUBERNETES_VERSION, KWOKCTL_VERSION, ClusterError, cluster, kwokctl, what_to_run

ROOT = Path(__file__).resolve().parents[2]

#: Stands in for kwokctl: notes how it was called, and makes a kubeconfig as the real one does, or fails.
STAND_IN = """#!{python}
import os, pathlib, sys
arguments = sys.argv[1:]
with open("{log}", "a") as log:
    print(*arguments, os.environ["KWOK_KUBE_VERSION"], file=log)
if "create" in arguments:
    if {fails}:
        sys.exit("no such image")
    pathlib.Path(arguments[-1]).write_text("kubeconfig")
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """What the stand-in was called with, a line for each call."""
    return tmp_path / "log"


def stand_in(folder: Path, log: Path, *, fails: bool = False) -> Path:
    """A program in the place of kwokctl, which the module takes for one that is built already."""
    program = folder / f"kwokctl-{KWOKCTL_VERSION}" / "kwokctl"
    program.parent.mkdir()
    program.write_text(STAND_IN.format(python=sys.executable, log=log, fails=fails))
    program.chmod(0o755)
    return program


class TestCluster:
    def test_is_made_without_kwoks_controller_and_gone_afterwards(self, tmp_path: Path, log: Path) -> None:
        """The kubeconfig is there within the block; afterwards the cluster is deleted, and so is the kubeconfig."""
        with cluster(stand_in(tmp_path, log)) as kubeconfig:
            assert kubeconfig.read_text() == "kubeconfig"
        assert not kubeconfig.exists()
        made, deleted = log.read_text().splitlines()
        assert made.startswith("--name=airflow-tests create cluster --disable kwok-controller ")
        assert deleted == f"--name=airflow-tests delete cluster --kubeconfig {kubeconfig} {KUBERNETES_VERSION}"

    def test_that_cannot_be_made_leaves_nothing(self, tmp_path: Path, log: Path) -> None:
        """What kwokctl says is shown, and what it made until then is deleted."""
        with pytest.raises(ClusterError, match="no such image"), cluster(stand_in(tmp_path, log, fails=True)):
            pass
        assert " delete cluster " in log.read_text()

    def test_is_of_the_kubernetes_that_environments_ask_for(self) -> None:
        """What is tried on it is what EKS will run, unless KWOK_KUBE_VERSION says otherwise."""
        settings = yaml.safe_load((ROOT / "environments" / "dev.yaml").read_text(encoding="utf-8"))
        assert KUBERNETES_VERSION.startswith(f"v{settings['cluster']['kubernetes_version']}.")


class TestMain:
    def test_runs_the_tests_with_the_kubeconfig_and_ends_as_they_do(
        self, tmp_path: Path, log: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The tests find the cluster by CLUSTER_KUBECONFIG, may skip nothing, and its exit code is handed on."""
        stand_in(tmp_path, log)
        test = tmp_path / "test_it.py"
        seen = tmp_path / "seen"
        test.write_text(
            "import os, pathlib\n"
            "def test_it():\n"
            f"    pathlib.Path({str(seen)!r}).write_text(open(os.environ['CLUSTER_KUBECONFIG']).read() + "
            "os.environ['CI_NO_SKIP'])\n"
            "    assert False\n"
        )
        monkeypatch.setattr(hollow_cluster, "TOOLS", tmp_path)
        assert hollow_cluster.main(["-q", "-p", "no:cacheprovider", str(test)]) == 1
        assert seen.read_text() == "kubeconfig1"
        assert " delete cluster " in log.read_text()

    def test_runs_the_clusters_tests_unless_others_are_named(self) -> None:
        """Options alone narrow down tests/cluster; a path chooses what is run."""
        assert what_to_run([]) == ["tests/cluster"]
        assert what_to_run(["-v", "-k", "dags"]) == ["tests/cluster", "-v", "-k", "dags"]
        assert what_to_run(["tests/cluster/test_platform.py::TestDeployed"]) == [
            "tests/cluster/test_platform.py::TestDeployed"
        ]

    def test_says_what_is_missing_where_there_is_no_go(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A machine without Go gets one sentence and exit code 1."""
        monkeypatch.setattr(hollow_cluster, "TOOLS", tmp_path)
        monkeypatch.setenv("PATH", os.devnull)
        assert hollow_cluster.main([]) == 1
        assert "Go is not on PATH" in capsys.readouterr().err
        with pytest.raises(ClusterError, match=r"go\.dev"):
            kwokctl(tmp_path)
