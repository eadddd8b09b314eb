"""What programs of Helm make of the chart: that of the Helm provider, and that which the chart asks for."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from constructs.airflow.charts.airflow_chart import RELEASE
from constructs.airflow.charts.rendering import NAMESPACE

from tests.chart.conftest import Render
from tests.chart.environments import ENVIRONMENTS, EVERYTHING, values
from tests.chart.test_task_pods import changes as task_pods

#: Paths of helm, with colons between: HELM_BINARIES=/opt/helm-3.18/helm:/opt/helm-3.19/helm
VARIABLE = "HELM_BINARIES"


@pytest.fixture(scope="session")
def helms() -> list[str]:
    """The programs that the variable names."""
    named = [path for path in os.environ.get(VARIABLE, "").split(os.pathsep) if path]
    if not named:
        pytest.skip(f"{VARIABLE} names no program.")
    return named


@pytest.fixture
def template(helms: list[str], chart_folder: Path, tmp_path: Path) -> Callable[[Mapping[str, Any]], list[str]]:
    """What each of them makes of values."""

    def rendered(given: Mapping[str, Any]) -> list[str]:
        file = tmp_path / "values.yaml"
        file.write_text(json.dumps(given), encoding="utf-8")
        # As EKS writes it: Helm 3.18 and 3.19 parse the cluster's version by different code.
        arguments = ("--namespace", NAMESPACE, "--kube-version", "v1.35.2-eks-473151a", "--values", str(file))
        return [
            subprocess.run(
                (helm, "template", RELEASE, str(chart_folder), *arguments), capture_output=True, text=True, check=True
            ).stdout
            for helm in helms
        ]

    return rendered


@pytest.mark.parametrize(
    "changes",
    [{}, EVERYTHING, task_pods("KubernetesExecutor")],
    ids=["shipped", "everything", "task pods"],
)
@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_all_of_them_make_the_same(
    render: Render, template: Callable[[Mapping[str, Any]], list[str]], name: str, changes: Mapping[str, Any]
) -> None:
    """Byte for byte; and the objects are those that all other tests of the chart look at."""
    first, *others = template(values(name, **changes))
    assert all(other == first for other in others)
    objects = sorted((body for body in yaml.safe_load_all(first) if body), key=_name)
    assert objects == sorted(render(name, **changes).objects, key=_name)


def _name(body: Mapping[str, Any]) -> tuple[str, str]:
    return body["kind"], body["metadata"]["name"]
