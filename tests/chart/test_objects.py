"""What the chart makes for each environment and executor: all of it, nothing else, and Kubernetes takes it."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]  # it has no types
import pytest
from constructs.airflow.computed_values.release import computed_values
from constructs.airflow.user_values.file import FILE, read_user_values, release_values
from helm_python import Chart

from tests.chart.conftest import Render
from tests.chart.environments import CASES, EVERYTHING, ROOT, environment, props, values
from tests.chart.keda import GROUP, keda_complaint

KUBERNETES_VERSIONS = ("1.30", "1.31", "1.32", "1.33", "1.34", "1.35")
ALL = "CeleryExecutor,KubernetesExecutor"

ALWAYS = {
    ("Deployment", "airflow-api-server"),
    ("Deployment", "airflow-scheduler"),
    ("Deployment", "airflow-dag-processor"),
    ("Deployment", "airflow-triggerer"),
    ("Deployment", "airflow-pgbouncer"),
    ("Deployment", "airflow-statsd"),
}
WITH_CELERY = {("Deployment", "airflow-worker"), ("StatefulSet", "airflow-redis")}
CLEANUP = {("CronJob", "airflow-database-cleanup")}
#: Kinds that run pods, ask for storage, or open a way in from outside the cluster.
WATCHED = {"Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Pod", "PersistentVolumeClaim", "Ingress"}


@pytest.fixture(scope="session", autouse=True)
def _schemas_are_read_once() -> None:
    """kubernetes-validate reads a megabyte of schema anew for each object: twelve times as long."""
    kubernetes_validate.utils.schema_contents = functools.cache(kubernetes_validate.utils.schema_contents)


def complaint(body: dict[str, Any], version: str) -> str | None:
    """What is wrong with an object, to a version of Kubernetes, or to the chart that defines its kind."""
    if body["apiVersion"].startswith(GROUP):
        return keda_complaint(body)
    try:
        kubernetes_validate.validate(body, version, strict=True)
    except kubernetes_validate.ValidationError as error:
        return f"{body['kind']} {body['metadata']['name']}: {error.message}"
    return None


@pytest.mark.parametrize(("name", "executor"), CASES)
class TestOfEachEnvironmentAndExecutor:
    def test_values_fit_the_charts_schema(self, chart: Chart, chart_folder: Path, name: str, executor: str) -> None:
        """To the library that checks at synthesis and to Helm itself, which checks at deployment."""
        computed = computed_values(props(environment(name, executor=executor)))
        assert executor in release_values(read_user_values(ROOT / FILE), computed, chart_folder)
        chart.validate_schema(values(name, executor=executor))

    def test_workloads_are_these(self, render: Render, name: str, executor: str) -> None:
        """No job, no claim, no Ingress, and with the KubernetesExecutor alone neither workers nor redis."""
        rendering = render(name, executor=executor)
        expected = ALWAYS | (WITH_CELERY if "Celery" in executor else set())
        if environment(name).airflow.cleanup:
            expected = expected | CLEANUP
        found = {(body["kind"], body["metadata"]["name"]) for body in rendering.objects if body["kind"] in WATCHED}
        assert found == expected
        assert (rendering.task_pod is not None) == ("Kubernetes" in executor)

    def test_services_answer_inside_the_cluster_only(self, render: Render, name: str, executor: str) -> None:
        """The load balancer is the stack's, so no service asks for one."""
        services = render(name, executor=executor).named("Service")
        assert "airflow-api-server" in services
        assert {service["spec"].get("type", "ClusterIP") for service in services.values()} == {"ClusterIP"}

    def test_nothing_deprecated_is_used(self, render: Render, name: str, executor: str) -> None:
        """The notes that people see after a release have no warning."""
        notes = render(name, executor=executor).notes
        assert "Thank you for installing Apache Airflow" in notes
        assert "WARNING" not in notes
        assert "deprecat" not in notes.lower()

    @pytest.mark.parametrize("version", KUBERNETES_VERSIONS)
    def test_kubernetes_takes_it(self, render: Render, name: str, executor: str, version: str) -> None:
        """Every object, and the pod of a task, is valid in every version of Kubernetes that Airflow is tested on."""
        rendering = render(name, executor=executor)
        objects = [*rendering.objects, *filter(None, [rendering.task_pod])]
        assert [found for body in objects if (found := complaint(body, version))] == []


class TestWithEverythingSwitchedOn:
    @pytest.mark.parametrize("version", KUBERNETES_VERSIONS)
    def test_kubernetes_takes_it(self, render: Render, version: str) -> None:
        """An own image by digest, credentials, the job that prunes, annotations for Prometheus, secrets backend."""
        rendering = render("prod", executor=ALL, **EVERYTHING)
        assert [found for body in rendering.objects if (found := complaint(body, version))] == []

    def test_values_fit_the_charts_schema(self, chart: Chart, chart_folder: Path) -> None:
        """To both checkers."""
        computed = computed_values(props(environment("prod", executor=ALL, **EVERYTHING)))
        assert ALL in release_values(read_user_values(ROOT / FILE), computed, chart_folder)
        chart.validate_schema(values("prod", executor=ALL, **EVERYTHING))

    def test_nothing_deprecated_is_used(self, render: Render) -> None:
        """No warning in the notes."""
        assert "WARNING" not in render("prod", executor=ALL, **EVERYTHING).notes


class TestTheCheckers:
    def test_kubernetes_validate_refuses_an_unknown_field(self, render: Render) -> None:
        """A misspelled field of a deployment is found."""
        body = json.loads(json.dumps(render("dev").named("Deployment")["airflow-scheduler"]))
        assert complaint(body, "1.35") is None
        body["spec"]["replica"] = 2
        assert "replica" in (complaint(body, "1.35") or "")

    def test_the_chart_warns_of_what_is_left_as_it_is(self, chart: Chart) -> None:
        """Without this project's values the same notes do warn."""
        bare = chart.render({"postgresql": {"enabled": False}}, name="airflow", namespace="airflow")
        assert "DEPRECATION WARNING" in bare["airflow/templates/NOTES.txt"]
