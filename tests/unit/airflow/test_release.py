"""The release of Airflow's chart, and what its pods verify the database by."""

from __future__ import annotations

from typing import Any

from constructs.airflow.certificates.root_certificates import RootCertificates
from constructs.airflow.charts.chart_source import ChartSource
from constructs.airflow.charts.released_chart import AIRFLOW
from constructs.airflow.release import AirflowRelease, AirflowReleaseProps

from tests.unit.trial_stack import TrialStack


def release(stack: TrialStack, **changes: Any) -> dict[str, Any]:
    """Deploy a release; return its arguments."""
    arguments: dict[str, Any] = {
        "namespace": "airflow",
        "source": ChartSource(source="https://charts.example.com", chart=AIRFLOW),
        "values": "executor: CeleryExecutor\n",
    } | changes
    AirflowRelease(stack, "release", AirflowReleaseProps(**arguments))
    return stack.resource("helm_release.airflow")


class TestAirflowRelease:
    def test_is_the_pinned_chart_in_the_namespace(self, stack: TrialStack) -> None:
        """Objects are called after the release, on whose name permissions and URLs rely."""
        deployed = release(stack)
        assert (deployed["name"], deployed["namespace"]) == ("airflow", "airflow")
        assert (deployed["chart"], deployed["version"]) == ("airflow", "1.22.0")
        assert deployed["values"] == ["executor: CeleryExecutor\n"]

    def test_is_complete_when_its_pods_are_ready(self, stack: TrialStack) -> None:
        """Helm waits, on destroy too, and has time for new nodes and a first image."""
        deployed = release(stack)
        assert deployed["wait"] is True
        assert deployed["timeout"] == 1200

    def test_a_failed_one_stays_for_people_to_look_at(self, stack: TrialStack) -> None:
        """`atomic` would remove the pods whose logs say what went wrong."""
        assert not {"atomic", "cleanup_on_fail"} & set(release(stack))

    def test_has_a_history_to_roll_back_to(self, stack: TrialStack) -> None:
        """The last ten revisions, not all: each is a secret in the cluster."""
        assert release(stack)["max_history"] == 10


class TestRootCertificates:
    def test_are_public_data_where_the_jobs_mount_them(self, stack: TrialStack) -> None:
        """A config map, no secret, with one file."""
        RootCertificates(stack, "rds-ca", "airflow", "PEM")
        config_map = stack.resource("kubernetes_config_map_v1.rds_ca")
        assert config_map["metadata"]["name"] == "airflow-ext-rds-ca"
        assert config_map["data"] == {"root.crt": "PEM"}
