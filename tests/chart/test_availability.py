"""What keeps Airflow running while pods and nodes are replaced, and what it takes to end a worker."""

from __future__ import annotations

import pytest

from tests.chart.conftest import Render
from tests.chart.environments import environment

#: Workload -> setting.
REPLICATED = {
    "airflow-api-server": "api_server",
    "airflow-scheduler": "scheduler",
    "airflow-dag-processor": "dag_processor",
    "airflow-triggerer": "triggerer",
    "airflow-worker": "workers",
    "airflow-pgbouncer": "pgbouncer",
}


class TestReplicas:
    @pytest.mark.parametrize("name", ["dev", "prod"])
    def test_are_those_of_the_settings(self, render: Render, name: str) -> None:
        """Each component as often as the environment file says."""
        deployments = render(name, executor="CeleryExecutor").named("Deployment")
        settings = environment(name).airflow.components
        assert {workload: deployments[workload]["spec"]["replicas"] for workload in REPLICATED} == {
            workload: getattr(settings, setting).replicas for workload, setting in REPLICATED.items()
        }

    def test_of_one_have_no_budget(self, render: Render) -> None:
        """A budget for a single pod would only keep its node from being replaced."""
        rendering = render("dev", executor="CeleryExecutor")
        assert rendering.named("PodDisruptionBudget") == {}
        for template in rendering.templates.values():
            assert not template["spec"].get("topologySpreadConstraints")

    def test_of_several_lose_one_at_a_time(self, render: Render) -> None:
        """A budget for each of them that lets one pod go, and selects the workload's own pods."""
        rendering = render("prod", executor="CeleryExecutor")
        budgets = rendering.named("PodDisruptionBudget")
        assert budgets.keys() == {f"{workload}-pdb" for workload in REPLICATED}
        for workload in REPLICATED:
            spec = budgets[f"{workload}-pdb"]["spec"]
            assert spec["maxUnavailable"] == 1
            labels = rendering.templates[workload]["metadata"]["labels"]
            assert spec["selector"]["matchLabels"].items() <= labels.items()

    def test_of_several_are_spread_over_zones(self, render: Render) -> None:
        """Each of them, by labels that its own pods carry; a zone that is down keeps nobody from starting."""
        rendering = render("prod", executor="CeleryExecutor")
        for workload in REPLICATED:
            template = rendering.templates[workload]
            (constraint,) = template["spec"]["topologySpreadConstraints"]
            assert constraint["topologyKey"] == "topology.kubernetes.io/zone"
            assert constraint["whenUnsatisfiable"] == "ScheduleAnyway"
            wanted = constraint["labelSelector"]["matchLabels"]
            assert wanted["component"] == template["metadata"]["labels"]["component"]
            assert wanted.items() <= template["metadata"]["labels"].items()


class TestWorkers:
    def test_end_in_the_time_of_the_settings(self, render: Render) -> None:
        """What runs has that long; an autoscaler does not take the node meanwhile."""
        changes = {"components": {"workers": {"termination_grace_seconds": 840, "concurrency": 5}}}
        rendering = render("dev", executor="CeleryExecutor", **changes)
        template = rendering.templates["airflow-worker"]
        assert template["spec"]["terminationGracePeriodSeconds"] == 840
        assert template["metadata"]["annotations"]["cluster-autoscaler.kubernetes.io/safe-to-evict"] == "false"
        assert "\nworker_concurrency = 5\n" in rendering.configuration

    def test_keep_nothing_on_a_volume(self, render: Render) -> None:
        """Logs are in S3: workers and triggerer are free to move between zones, redis has the only volume."""
        rendering = render("prod", executor="CeleryExecutor,KubernetesExecutor")
        claims = {
            name: body["spec"]["volumeClaimTemplates"]
            for kind in ("StatefulSet", "Deployment")
            for name, body in rendering.named(kind).items()
            if body["spec"].get("volumeClaimTemplates")
        }
        assert claims.keys() == {"airflow-redis"}
        kinds = {kind for t in rendering.templates.values() for v in t["spec"].get("volumes") or () for kind in v}
        assert "persistentVolumeClaim" not in kinds


class TestQueueVolume:
    def test_is_encrypted_and_goes_with_the_release(self, render: Render) -> None:
        """Of the stack's storage class and the size of the settings, deleted with the release."""
        rendering = render("dev", executor="CeleryExecutor", components={"redis": {"volume_size_gib": 3}})
        spec = rendering.named("StatefulSet")["airflow-redis"]["spec"]
        assert spec["persistentVolumeClaimRetentionPolicy"] == {"whenDeleted": "Delete", "whenScaled": "Delete"}
        (claim,) = spec["volumeClaimTemplates"]
        assert claim["spec"]["storageClassName"] == "gp3"
        assert claim["spec"]["resources"]["requests"]["storage"] == "3Gi"
