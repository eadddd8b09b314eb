"""Bundles in the released chart: Airflow's list of them, and the credentials in the pods that fetch."""

from __future__ import annotations

import configparser
import json
from typing import Any

import pytest
from constructs.airflow.charts.rendering import Rendering

from tests.chart.conftest import Render
from tests.chart.environments import OWN_IMAGE
from tests.synth.test_bundles import BUNDLES

FETCHING = ("airflow-dag-processor", "airflow-worker", "airflow-worker-large", "task")


@pytest.fixture
def rendering(render: Render) -> Rendering:
    """Dev with three bundles and the image's DAGs, both executors and a set of workers."""
    return render(
        "dev",
        executor="CeleryExecutor,KubernetesExecutor",
        workers={"large": {"queues": ["large"]}},
        dags={"source": "bundles", "bundles": BUNDLES, "image_too": True},
        image=OWN_IMAGE,
        environment=[{"name": "A", "value": "b"}],
    )


def test_airflow_reads_the_list(rendering: Rendering) -> None:
    """As JSON in airflow.cfg, with the image's own under the name that Airflow gives it."""
    configuration = configparser.ConfigParser(interpolation=None)
    configuration.read_string(rendering.configuration)
    listed = json.loads(configuration["dag_processor"]["dag_bundle_config_list"])
    assert [entry["name"] for entry in listed] == ["team-a", "team-b", "public", "dags-folder"]
    assert {entry["classpath"].rpartition(".")[2] for entry in listed[:3]} == {"GitDagBundle"}
    assert listed[1]["kwargs"] == {
        "repo_url": "ssh://git@git.example.com:2222/b.git",
        "tracking_ref": "0" * 40,
        "refresh_interval": 30,
        "git_conn_id": "git_team_b",
    }
    assert configuration["core"]["dags_folder"] == "/opt/airflow/dags"


def test_no_git_sync_is_there(rendering: Rendering) -> None:
    """Neither beside Airflow nor as the first container."""
    assert not [each.name for each in rendering.containers if "git-sync" in each.body["name"]]


@pytest.mark.parametrize("name", FETCHING)
def test_who_fetches_has_the_credentials(rendering: Rendering, name: str) -> None:
    """Connections as variables, a key and the host's as files that are for reading alone."""
    spec = rendering.templates[name]["spec"]
    [main, *_] = spec["containers"]
    sources: dict[str, Any] = {entry["name"]: entry.get("valueFrom") for entry in main["env"]}
    for variable, secret in (("TEAM_A", "team-a"), ("TEAM_B", "team-b")):
        reference = {"name": f"airflow-ext-bundle-{secret}", "key": "connection"}
        assert sources[f"AIRFLOW_CONN_GIT_{variable}"] == {"secretKeyRef": reference}
    assert "A" in sources
    mounts = {mount["mountPath"]: mount for mount in main["volumeMounts"]}
    assert mounts["/etc/dag-bundles/team-b"]["readOnly"] is True
    volumes = {volume["name"]: volume for volume in spec["volumes"]}
    assert volumes["bundle-team-b"]["secret"]["defaultMode"] == 0o440


def test_nobody_else_has(rendering: Rendering) -> None:
    """Not in any container of another pod."""
    holders = {each.pod for each in rendering.containers if "airflow-ext-bundle" in json.dumps(each.body)}
    assert holders == set(FETCHING)
