"""What is found in the objects that a chart makes, and where in the user's file it is said to come from."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from constructs.airflow.release_check import check_release
from constructs.settings.document.problems import EnvironmentFileError
from constructs.settings.document.text import read_values

from tests.terraform.toolchain import ROOT

#: A chart of one workload, of which each part is a value.
CHART = {
    "Chart.yaml": "apiVersion: v2\nname: airflow\nversion: 1.22.0\n",
    "values.yaml": "{scheduler: {}, extra: []}\n",
    "templates/NOTES.txt": "{{ .Values.notes }}",
    "templates/config.yaml": "{apiVersion: v1, kind: ConfigMap, metadata: {name: airflow-config}, data: {}}",
    "templates/scheduler.yaml": """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: airflow-scheduler}
spec:
  template:
    metadata: {labels: {component: {{ .Values.component | default "scheduler" }}}}
    spec:
      securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
      volumes: {{ .Values.volumes | default list | toJson }}
      containers: {{ .Values.scheduler.extraContainers | default list | toJson }}
""",
    "templates/extra.yaml": "{{ range .Values.extra }}\n---\n{{ toJson . }}\n{{ end }}",
}
SAFE = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    """The folder of that chart."""
    for name, text in CHART.items():
        path = tmp_path / "airflow" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "airflow"


def check(chart: Path, text: str) -> list[str]:
    """Check a user's file as the only values."""
    node = yaml.compose(text)
    assert node is not None
    document = read_values(node, "values.yaml")
    return check_release(text, chart, document=document, namespace="airflow", components={"scheduler"})


def refused(chart: Path, values: dict[str, Any]) -> tuple[str, str]:
    """Key and text of the one thing that is refused."""
    with pytest.raises(EnvironmentFileError) as caught:
        check(chart, yaml.safe_dump(values))
    (problem,) = caught.value.problems
    return problem.key, problem.received


class TestFindings:
    def test_are_none_of_a_good_release(self, chart: Path) -> None:
        """A container as the namespace wants it, and a volume of the pod's own."""
        container = {"name": "mine", "securityContext": SAFE, "env": [{"name": "A"}, {"name": "B"}]}
        values = {"scheduler": {"extraContainers": [container]}, "volumes": [{"name": "work", "emptyDir": {}}]}
        assert check(chart, yaml.safe_dump(values)) == []

    def test_of_pod_security(self, chart: Path) -> None:
        """At the container, by its name."""
        key, received = refused(chart, {"scheduler": {"extraContainers": [{"name": "mine"}]}})
        assert key == "scheduler.extraContainers[0]"
        assert "in airflow-scheduler: mine: allowPrivilegeEscalation is not false, mine: capabilities ALL" in received

    def test_of_a_volume(self, chart: Path) -> None:
        """At the volume."""
        key, received = refused(chart, {"volumes": [{"name": "host", "hostPath": {"path": "/"}}]})
        assert (key, received) == ("volumes[0]", "in airflow-scheduler: host: a volume of kind hostPath")

    def test_of_pods_without_a_network_policy(self, chart: Path) -> None:
        """They could reach nobody, and would fail without a word."""
        _, received = refused(chart, {"component": "stranger"})
        assert received == "in airflow-scheduler: pods of component stranger, which no network policy knows"

    def test_of_a_variable_that_is_there_twice(self, chart: Path) -> None:
        """At the first of the two."""
        container = {"name": "mine", "securityContext": SAFE, "env": [{"name": "A"}, {"name": "A"}]}
        key, received = refused(chart, {"scheduler": {"extraContainers": [container]}})
        assert key == "scheduler.extraContainers[0].env[0]"
        assert "mine: the variable A twice" in received

    @pytest.mark.parametrize(
        ("kind", "more"),
        [
            ("Ingress", {}),
            ("Job", {"spec": {"template": {"metadata": {"labels": {"component": "scheduler"}}, "spec": {}}}}),
            ("PersistentVolumeClaim", {}),
            ("NetworkPolicy", {}),
            ("Secret", {"data": {}}),
            ("Service", {"spec": {"type": "NodePort"}}),
        ],
    )
    def test_of_an_object_that_is_not_the_charts_to_make(self, chart: Path, kind: str, more: dict[str, Any]) -> None:
        """Each has a reason."""
        body = {"apiVersion": "v1", "kind": kind, "metadata": {"name": "mine"}, **more}
        _, received = refused(chart, {"extra": [body]})
        assert received.startswith(f"in mine: {kind}: ")

    def test_of_a_password_name_the_place_and_not_the_password(self, chart: Path) -> None:
        """It would stand in the state; in a message it would stand in a log."""
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "mine"}, "data": {"a": "x://me:pw1@h"}}
        key, received = refused(chart, {"extra": [body]})
        assert key == "extra[0].data.a"
        assert "pw1" not in received

    def test_of_what_is_no_yaml(self, chart: Path) -> None:
        """The template is named that a value has spoilt."""
        _, received = refused(chart, {"component": "x}, labels: {y: z"})
        assert received == "airflow/templates/scheduler.yaml: twice in a map: labels"


class TestWarnings:
    def test_are_the_charts_notes_about_old_names(self, chart: Path) -> None:
        """With the line of the old name, before the deploy instead of after it."""
        notes = "Thank you\n\n DEPRECATION WARNING:\n    `old.name` has been renamed to `new.name`.\n    Soon.\n\nBye"
        text = yaml.safe_dump({"notes": notes, "old": {"name": 1}}, sort_keys=False)
        (warning,) = check(chart, text)
        line = text[: text.index("name: 1")].count("\n") + 1
        assert warning == (f"values.yaml:{line}: the chart warns: `old.name` has been renamed to `new.name`. Soon.")


class TestWithoutTheChart:
    def test_a_synth_reads_no_helm(self) -> None:
        """The library is of 80 MB: only who has the chart pays for it."""
        code = "import constructs.bindings, constructs.stacks.platform, sys; print('helm_python' in sys.modules)"
        done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "False"
