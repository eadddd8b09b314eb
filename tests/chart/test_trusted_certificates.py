"""Authorities of one's own in the released chart: every container that opens connections is told of them."""

from __future__ import annotations

from typing import Any

import pytest
from constructs.airflow.charts.rendering import Rendering
from constructs.airflow.computed_values.trusted_certificates import BUNDLE, FOLDER, VARIABLES

from tests.airflow.authority import Authority
from tests.chart.conftest import Render
from tests.chart.environments import PRIVATE_BY_TOKEN

AIRFLOW = ("airflow-api-server", "airflow-scheduler", "airflow-dag-processor", "airflow-triggerer")
TASKS = ("airflow-worker", "airflow-worker-large", "task")
PEM = Authority.make("One").pem


@pytest.fixture
def rendering(render: Render) -> Rendering:
    """Dev with an authority, both executors, a set of workers and a private repository."""
    return render(
        "dev",
        trusted_certificates=PEM,
        executor="CeleryExecutor,KubernetesExecutor",
        workers={"large": {"queues": ["large"]}},
        dags=PRIVATE_BY_TOKEN,
        environment=[{"name": "A", "value": "b"}],
    )


def _containers(rendering: Rendering, name: str) -> dict[str, dict[str, Any]]:
    spec = rendering.templates[name]["spec"]
    return {each["name"]: each for each in (*spec["containers"], *spec.get("initContainers", []))}


def _mounts(container: dict[str, Any]) -> set[str]:
    return {each["mountPath"] for each in container["volumeMounts"]}


@pytest.mark.parametrize("name", [*AIRFLOW, *TASKS])
def test_airflow_is_told(rendering: Rendering, name: str) -> None:
    """By the variables of all libraries, beside those of the environment file; the file is there."""
    main = rendering.templates[name]["spec"]["containers"][0]
    variables = {each["name"]: each.get("value") for each in main["env"]}
    assert {variables[each] for each in VARIABLES} == {BUNDLE}
    assert variables["A"] == "b"
    assert FOLDER in _mounts(main)
    volumes = {each["name"]: each for each in rendering.templates[name]["spec"]["volumes"]}
    assert volumes["trusted-certificates"]["configMap"]["name"] == "airflow-ext-trusted-certificates"


@pytest.mark.parametrize("name", ["airflow-dag-processor", "airflow-triggerer", *TASKS])
def test_git_sync_is_told(rendering: Rendering, name: str) -> None:
    """As the first container and beside Airflow."""
    found = [each for each in _containers(rendering, name).values() if each["name"].startswith("git-sync")]
    assert found
    for container in found:
        assert {"name": "GIT_SSL_CAINFO", "value": BUNDLE} in container["env"]
        assert FOLDER in _mounts(container)


def test_other_certificates_restart_all(render: Render, rendering: Rendering) -> None:
    """Programs read the file when they start."""
    annotation = "secret-revision/trusted-certificates"
    for name in (*AIRFLOW, "airflow-worker", "airflow-worker-large"):
        assert annotation in rendering.templates[name]["metadata"]["annotations"]
    assert annotation not in str(render("dev").templates["airflow-scheduler"]["metadata"])
