"""What an environment file gives pods, through both stacks."""

from __future__ import annotations

from pathlib import Path

import yaml
from constructs.settings.loading.environment_file import load_environment

from main import synthesize
from tests.synth.environments import read
from tests.terraform.workspace import environment_file


def test_variables_and_files_are_there_before_the_pods(tmp_path: Path) -> None:
    """Each as an object that the release waits for, and in the values of the components that are named."""
    given = {
        "environment": [{"name": "SENTRY_DSN", "secret": "acme/sentry", "key": "dsn", "components": ["scheduler"]}],
        "files": [
            {"name": "motd", "path": "/opt/airflow/motd/motd.txt", "value": "hello", "components": ["triggerer"]}
        ],
    }
    synthesize(load_environment(environment_file("dev", tmp_path, airflow=given)), tmp_path / "out")
    platform = read(tmp_path / "out", "platform")
    release = platform.resources("helm_release")["airflow"]
    made = {"kubernetes_secret_v1.environment_SENTRY_DSN", "kubernetes_config_map_v1.files"}
    assert made <= set(release["depends_on"])
    values = yaml.safe_load(release["values"][0])
    assert values["scheduler"]["env"][0]["valueFrom"]["secretKeyRef"]["name"] == "airflow-ext-env-sentry-dsn"
    assert set(values["scheduler"]["podAnnotations"]) == {"secret-revision/jwt", "secret-revision/given"}
    assert values["triggerer"]["extraVolumes"][0]["configMap"]["name"] == "airflow-ext-files"
    assert "env" not in values["apiServer"] or "SENTRY" not in str(values["apiServer"]["env"])
