"""KEDA's release: where it is, what it may reach, and in which order it comes and goes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from constructs.airflow.autoscaler_release import AutoscalerRelease, AutoscalerReleaseProps
from constructs.airflow.charts.chart_source import ChartSource
from constructs.airflow.charts.released_chart import KEDA
from constructs.airflow.namespace import AirflowNamespace, AirflowNamespaceProps

from tests.unit.trial_stack import TrialStack

NAMESPACE = "${kubernetes_namespace_v1.keda.metadata[0].name}"
WATCHED = "${kubernetes_namespace_v1.airflow.metadata[0].name}"


@pytest.fixture
def deployed(stack: TrialStack) -> TrialStack:
    """A stack with KEDA beside Airflow's namespace."""
    airflow = AirflowNamespace(stack, "namespace", AirflowNamespaceProps())
    props = AutoscalerReleaseProps(
        source=ChartSource(source="https://charts.example.com", chart=KEDA),
        watched_namespace=airflow.name,
        service_cidr="172.20.0.0/16",
        private_subnet_cidrs=["10.0.0.0/19", "10.0.32.0/19"],
        depends_on=airflow.resources,
    )
    AutoscalerRelease(stack, "autoscaler", props)
    return stack


class TestRelease:
    def test_chart_is_pinned(self, deployed: TrialStack) -> None:
        """One version of the chart, which is also the operator's, from the repository that the settings name."""
        release = deployed.resource("helm_release.keda")
        assert (release["chart"], release["version"]) == ("keda", "2.20.2")
        assert release["repository"] == "https://charts.example.com"
        assert release["namespace"] == NAMESPACE

    def test_is_complete_when_its_pods_are_ready(self, deployed: TrialStack) -> None:
        """What is scaled comes after it, and goes before it."""
        release = deployed.resource("helm_release.keda")
        assert release["wait"] is True
        assert {"kubernetes_network_policy_v1.keda", "kubernetes_namespace_v1.airflow"} <= set(release["depends_on"])

    def test_watches_airflows_namespace_only(self, deployed: TrialStack) -> None:
        """Its role is bound there; the webhook for ScaledObjects of people's own is off."""
        values = json.loads(deployed.resource("helm_release.keda")["values"][0])
        assert values["watchNamespace"] == WATCHED
        assert values["webhooks"] == {"enabled": False}
        assert values["rbac"] == {"enabledCustomScaledRefKinds": False}


class TestNamespace:
    def test_pods_are_restricted(self, deployed: TrialStack) -> None:
        """As in Airflow's own."""
        labels = deployed.resource("kubernetes_namespace_v1.keda")["metadata"]["labels"]
        assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


class TestNetworkPolicy:
    @pytest.fixture
    def spec(self, deployed: TrialStack) -> dict[str, Any]:
        """Of the one policy of the namespace."""
        found: dict[str, Any] = deployed.resource("kubernetes_network_policy_v1.keda")["spec"]
        return found

    def test_binds_all_pods_both_ways(self, spec: dict[str, Any]) -> None:
        """What is not listed is refused."""
        assert spec["pod_selector"] == {}
        assert spec["policy_types"] == ["Ingress", "Egress"]

    def test_what_it_reaches(self, spec: dict[str, Any]) -> None:
        """DNS, the Kubernetes API, PgBouncer in Airflow's namespace, its own operator."""
        ports = [[port["port"] for port in rule["ports"]] for rule in spec["egress"]]
        assert ports == [["53", "53"], ["443"], ["6543"], ["9666"]]
        [pooler] = spec["egress"][2]["to"]
        assert pooler["namespace_selector"]["match_labels"] == {"kubernetes.io/metadata.name": WATCHED}
        assert pooler["pod_selector"]["match_labels"]["component"] == "pgbouncer"
        api = {entry["ip_block"]["cidr"] for entry in spec["egress"][1]["to"]}
        assert api == {"172.20.0.1/32", "10.0.0.0/19", "10.0.32.0/19"}

    def test_who_reaches_it(self, spec: dict[str, Any]) -> None:
        """Its own metrics server, and the Kubernetes API that asks this for HorizontalPodAutoscalers."""
        assert [[port["port"] for port in rule["ports"]] for rule in spec["ingress"]] == [["9666"], ["6443"]]
        [own] = spec["ingress"][0]["from"]
        assert own["namespace_selector"]["match_labels"] == {"kubernetes.io/metadata.name": NAMESPACE}
