"""Every container: how much it asks for, what it may take, how its health is asked for, which image it is."""

from __future__ import annotations

from typing import Any

import pytest
from constructs.airflow.charts.rendering import Container, Rendering
from constructs.settings.sections.airflow.component import Component

from tests.chart.conftest import Render
from tests.chart.environments import CASES, EVERYTHING, OWN_IMAGE, environment

ALL = "CeleryExecutor,KubernetesExecutor"

#: Container -> the setting that sizes it. Those of the last two lines are sized by helm/values.yaml.
SIZED = {
    "api-server": "api_server",
    "scheduler": "scheduler",
    "dag-processor": "dag_processor",
    "triggerer": "triggerer",
    "worker": "workers",
    "pgbouncer": "pgbouncer",
    "redis": "redis",
    "statsd": "statsd",
    "git-sync": "git_sync",
    "git-sync-init": "git_sync",
    "scheduler-log-groomer": "log_groomer",
    "dag-processor-log-groomer": "log_groomer",
    "triggerer-log-groomer": "log_groomer",
    "worker-log-groomer": "log_groomer",
    "base": "task_pod",
}
SIZED_BY_FILE = {"metrics-exporter", "database-cleanup"}

#: Container -> probes. The chart has none, and no value for one, for what is not here.
PROBES = {
    "api-server": {"startupProbe", "livenessProbe", "readinessProbe"},
    "scheduler": {"startupProbe", "livenessProbe"},
    "dag-processor": {"livenessProbe"},
    "triggerer": {"livenessProbe"},
    "worker": {"livenessProbe"},
    "git-sync": {"startupProbe", "livenessProbe"},
    "pgbouncer": {"livenessProbe", "readinessProbe"},
    "metrics-exporter": {"livenessProbe", "readinessProbe"},
    "statsd": {"livenessProbe", "readinessProbe"},
}
WITHOUT = {"redis", "base", "database-cleanup"}


def distinct_sizes() -> dict[str, dict[str, Any]]:
    """Settings in which no two components are of one size."""
    components = {
        name: {"cpu": f"{100 + number}m", "memory": f"{1500 + number}Mi", "cpu_limit": f"{1000 + number}m"}
        for number, name in enumerate(sorted(set(SIZED.values())))
    }
    return {"components": components}


def by_name(rendering: Rendering) -> list[tuple[str, Container]]:
    """Name -> container; the wait for the migration counts as the component that waits."""
    return [
        (c.pod.removeprefix("airflow-") if c.body["name"] == "wait-for-airflow-migrations" else c.body["name"], c)
        for c in rendering.containers
    ]


@pytest.mark.parametrize(("name", "executor"), CASES)
class TestOfEachEnvironmentAndExecutor:
    def test_every_container_is_sized(self, render: Render, name: str, executor: str) -> None:
        """Processor time and memory are asked for and limited; memory can't be overbooked."""
        containers = render(name, executor=executor).containers
        assert len(containers) > 12
        for container in containers:
            resources = container.body["resources"]
            assert resources["requests"].keys() == resources["limits"].keys() == {"cpu", "memory"}, container.name
            assert resources["requests"]["memory"] == resources["limits"]["memory"], container.name

    def test_every_container_has_a_security_context(self, render: Render, name: str, executor: str) -> None:
        """Nothing gains privileges, all capabilities are dropped."""
        for container in render(name, executor=executor).containers:
            context = container.body["securityContext"]
            assert context["allowPrivilegeEscalation"] is False, container.name
            assert context["capabilities"] == {"drop": ["ALL"]}, container.name

    def test_health_is_asked_for_wherever_the_chart_can(self, render: Render, name: str, executor: str) -> None:
        """Each kind of container has all the probes that the chart has values for."""
        for container in render(name, executor=executor).containers:
            probes = {key for key in container.body if key.endswith("Probe")}
            unprobed = container.is_init or container.body["name"] in WITHOUT or "groomer" in container.name
            assert probes == (set() if unprobed else PROBES[container.body["name"]]), container.name

    def test_no_variable_is_there_twice(self, render: Render, name: str, executor: str) -> None:
        """Of two variables of one name Kubernetes takes the last, whichever that is."""
        for container in render(name, executor=executor).containers:
            names = [entry["name"] for entry in container.body.get("env", ())]
            assert len(names) == len(set(names)), container.name

    def test_images_are_of_one_airflow(self, render: Render, name: str, executor: str) -> None:
        """Everything that runs Airflow is of the version of the environment file."""
        expected = environment(name).airflow.image_reference
        images = {c.body["image"] for c in render(name, executor=executor).containers}
        assert {image for image in images if image.startswith("apache/airflow:3")} == {expected}
        assert not any(image.endswith(":latest") for image in images)


class TestSizes:
    def test_are_those_of_the_settings(self, render: Render) -> None:
        """Each container has the size of its own component, which no other one has."""
        changes = distinct_sizes()
        settings = environment("dev", **changes).airflow.components
        found = by_name(render("dev", executor=ALL, **changes))
        assert {name for name, _ in found} == SIZED.keys() | {"metrics-exporter"}
        for name, container in found:
            if name not in SIZED_BY_FILE:
                component: Component = getattr(settings, SIZED[name])
                assert container.body["resources"] == component.resources, container.name

    def test_of_the_job_that_prunes_are_in_the_users_file(self, render: Render) -> None:
        """It is the one container of Airflow's that no component sizes."""
        rendering = render("dev", executor=ALL, **EVERYTHING)
        (job,) = (container for name, container in by_name(rendering) if name == "database-cleanup")
        assert job.body["resources"]["limits"] == {"cpu": "1", "memory": "1Gi"}


class TestOwnImage:
    @pytest.mark.parametrize("version", [{"digest": OWN_IMAGE["digest"]}, {"tag": "3.3.2-1"}], ids=["digest", "tag"])
    def test_is_in_every_container_of_airflows(self, render: Render, version: dict[str, str]) -> None:
        """By digest as well as by tag, the pods of tasks and Airflow's own setting for them included."""
        image = {"repository": OWN_IMAGE["repository"], **version}
        rendering = render("dev", executor=ALL, image=image, cleanup={})
        expected = environment("dev", image=image).airflow.image_reference
        of_others = {"git-sync", "git-sync-init", "pgbouncer", "metrics-exporter", "redis", "statsd"}
        ours = [c for c in rendering.containers if c.body["name"] not in of_others]
        assert {c.pod for c in ours} >= {"task", "airflow-worker", "airflow-database-cleanup"}
        assert {c.body["image"] for c in ours} == {expected}
        repository, _, tag = expected.rpartition(":")
        assert f"worker_container_repository = {repository}\n" in rendering.configuration
        assert f"worker_container_tag = {tag}\n" in rendering.configuration
