"""DAGs as bundles, through the stack of the platform."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from constructs.checks.synthesized import SynthesizedStack
from constructs.settings.loading.environment_file import load_environment

from main import synthesize
from tests.synth.environments import read
from tests.terraform.workspace import environment_file

BUNDLES = {
    "team-a": {"repository": "https://git.example.com/a.git", "token_secret_name": "git/a"},
    "team-b": {
        "repository": "ssh://git@git.example.com:2222/b.git",
        "ssh_key_secret_name": "git/b",
        "known_hosts": "[git.example.com]:2222 ssh-ed25519 AAAA",
        "commit": "0" * 40,
        "sub_path": "",
        "sync_period_seconds": 30,
    },
    "public": {"repository": "https://github.com/acme/dags.git"},
}


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> SynthesizedStack:
    """The stack of an environment with three bundles."""
    folder = tmp_path_factory.mktemp("bundles")
    airflow = {"dags": {"source": "bundles", "bundles": BUNDLES}, "task_egress": []}
    synthesize(load_environment(environment_file("dev", folder, airflow=airflow)), folder / "out")
    return read(folder / "out", "platform")


@pytest.fixture(scope="module")
def values(platform: SynthesizedStack) -> dict[str, Any]:
    """Values of Airflow's release."""
    found: dict[str, Any] = yaml.safe_load(platform.resources("helm_release")["airflow"]["values"][0])
    return found


def test_credentials_are_there_before_the_pods(platform: SynthesizedStack) -> None:
    """Of the private repositories alone."""
    depends_on = set(platform.resources("helm_release")["airflow"]["depends_on"])
    assert {"kubernetes_secret_v1.bundle_team_a", "kubernetes_secret_v1.bundle_team_b"} <= depends_on
    assert "bundle_public" not in platform.resources("kubernetes_secret_v1")
    assert "git" not in platform.resources("kubernetes_secret_v1")


def test_the_list_says_what_the_file_says(values: dict[str, Any]) -> None:
    """Repository, reference, folder and interval of each, and the connection of a private one."""
    listed = {entry["name"]: entry["kwargs"] for entry in values["dagProcessor"]["dagBundleConfigList"]}
    assert listed == {
        "team-a": {
            "repo_url": "https://git.example.com/a.git",
            "tracking_ref": "main",
            "refresh_interval": 60,
            "subdir": "dags",
            "git_conn_id": "git_team_a",
        },
        "team-b": {
            "repo_url": "ssh://git@git.example.com:2222/b.git",
            "tracking_ref": "0" * 40,
            "refresh_interval": 30,
            "git_conn_id": "git_team_b",
        },
        "public": {
            "repo_url": "https://github.com/acme/dags.git",
            "tracking_ref": "main",
            "refresh_interval": 60,
            "subdir": "dags",
        },
    }
    assert values["dags"]["gitSync"]["enabled"] is False


def test_who_fetches_has_the_credentials_and_nobody_else(values: dict[str, Any]) -> None:
    """DAG processor and workers; they restart for a new token, the triggerer does not."""
    for component in (values["dagProcessor"], values["workers"]["celery"]):
        names = [entry["name"] for entry in component["env"]]
        assert names == ["AIRFLOW_CONN_GIT_TEAM_A", "AIRFLOW_CONN_GIT_TEAM_B"]
        assert [mount["mountPath"] for mount in component["extraVolumeMounts"]] == ["/etc/dag-bundles/team-b"]
        assert "secret-revision/git" in component["podAnnotations"]
    for name in ("triggerer", "scheduler", "apiServer"):
        assert "GIT_TEAM" not in str(values[name])
        assert "secret-revision/git" not in values[name].get("podAnnotations", {})


def test_pods_reach_each_repositorys_port(platform: SynthesizedStack) -> None:
    """Where what tasks reach is a list, the repositories' ports are in it by themselves."""
    policies = platform.resources("kubernetes_network_policy_v1")
    ports = {
        port["port"]
        for rule in policies["dag_processor"]["spec"]["egress"]
        if any(peer.get("ip_block", {}).get("cidr") == "0.0.0.0/0" for peer in rule["to"])
        for port in rule["ports"]
    }
    assert ports == {"443", "2222"}
