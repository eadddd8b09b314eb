"""KEDA's chart with the values that it gets."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from constructs.airflow.autoscaler_release import AutoscalerRelease, AutoscalerReleaseProps
from constructs.airflow.charts.chart_source import ChartSource
from constructs.airflow.charts.released_chart import KEDA
from constructs.airflow.network import peers
from constructs.checks.pod_security import violations
from helm_python import Chart

from tests.chart.keda import keda_chart
from tests.unit.trial_stack import TrialStack

Objects = dict[tuple[str, str], dict[str, Any]]


@pytest.fixture(scope="module")
def objects() -> Objects:
    """Kind and name -> object, but for the definitions of KEDA's own kinds; roles by their namespace, too."""
    folder = keda_chart()
    stack = TrialStack()
    props = AutoscalerReleaseProps(
        source=ChartSource(source="https://charts.example.com", chart=KEDA),
        watched_namespace="airflow",
        service_cidr="172.20.0.0/16",
        private_subnet_cidrs=["10.0.0.0/19"],
    )
    AutoscalerRelease(stack, "autoscaler", props)
    values = json.loads(stack.resource("helm_release.keda")["values"][0])
    with Chart.load(folder) as chart:
        rendered = chart.render(values, name=KEDA.name, namespace=peers.KEDA_NAMESPACE)
    bodies = [
        body for path, text in rendered.items() if "NOTES" not in path for body in yaml.safe_load_all(text) if body
    ]
    return {
        (body["kind"], f"{body['metadata'].get('namespace', '')}/{body['metadata']['name']}"): body for body in bodies
    }


def _deployments(objects: Objects) -> dict[str, dict[str, Any]]:
    return {name: body for (kind, name), body in objects.items() if kind == "Deployment"}


def test_operator_and_metrics_server_are_all(objects: Objects) -> None:
    """One pod each."""
    assert {name: body["spec"]["replicas"] for name, body in _deployments(objects).items()} == {
        "keda/keda-operator": 1,
        "keda/keda-operator-metrics-apiserver": 1,
    }


def test_pgbouncer_lets_this_operator_in(objects: Objects) -> None:
    """By the namespace that the release makes, and the label that its chart gives the pods."""
    operator = _deployments(objects)[f"{peers.KEDA.namespace}/keda-operator"]
    labels = operator["spec"]["template"]["metadata"]["labels"]
    assert set(peers.KEDA.labels) <= set(labels.items())


def test_pods_are_restricted(objects: Objects) -> None:
    """The namespace enforces the Pod Security Standard `restricted`."""
    for name, body in _deployments(objects).items():
        assert list(violations(body["spec"]["template"]["spec"])) == [], name


def test_pods_ask_for_what_capacity_counts(objects: Objects) -> None:
    """Processor time and memory, and no more memory than that."""
    for name, memory in (("keda-operator", "256Mi"), ("keda-operator-metrics-apiserver", "128Mi")):
        [container] = _deployments(objects)[f"keda/{name}"]["spec"]["template"]["spec"]["containers"]
        assert container["resources"]["requests"] == {"cpu": "50m", "memory": memory}
        assert container["resources"]["limits"]["memory"] == memory


def test_is_bound_in_two_namespaces_only(objects: Objects) -> None:
    """What reads secrets and scales Deployments is so in Airflow's namespace and its own, nowhere else."""
    bindings = {
        name for (kind, name), body in objects.items() if kind == "RoleBinding" and _role(body) == "keda-operator"
    }
    assert bindings == {"airflow/keda-operator", "keda/keda-operator"}
    cluster_wide = {_role(body) for (kind, _), body in objects.items() if kind == "ClusterRoleBinding"}
    assert "keda-operator" not in cluster_wide
    for role in cluster_wide:
        body = objects.get(("ClusterRole", f"/{role}"))
        resources = {resource for rule in (body or {}).get("rules", ()) for resource in rule.get("resources", ())}
        assert not resources & {"secrets", "pods", "deployments/scale", "*"}, role


def test_scales_deployments_only(objects: Objects) -> None:
    """Not whatever has a scale."""
    rules = objects["ClusterRole", "/keda-operator"]["rules"]
    scaled = {(group, resource) for rule in rules for group in rule["apiGroups"] for resource in rule["resources"]}
    assert not [pair for pair in scaled if "*" in pair]


def _role(binding: dict[str, Any]) -> str:
    return str(binding["roleRef"]["name"])
