"""Karpenter's release and that of the node pools: what they may reach, and in which order they come and go."""

from __future__ import annotations

import json
from typing import Any

import pytest
from constructs.airflow.charts.chart_source import ChartSource
from constructs.airflow.charts.released_chart import KARPENTER, KARPENTER_CRD
from constructs.capacity.pools import Pool
from constructs.node_pools.karpenter_release import KarpenterRelease, KarpenterReleaseProps
from constructs.node_pools.objects import PoolFacts
from constructs.node_pools.pools_release import PoolsRelease, PoolsReleaseProps
from constructs.settings.sections.node_pools import NodePoolSettings

from tests.unit.trial_stack import TrialStack

NAMESPACE = "${kubernetes_namespace_v1.karpenter.metadata[0].name}"
POOL = NodePoolSettings.model_validate(
    {"instance_families": ("m7g",), "limits": {"cpu": 64, "memory": "256Gi"}, "instance_sizes": ("large",)}
)


def release(stack: TrialStack, *, prefix_delegation: bool = False) -> None:
    """Karpenter with one pool."""
    props = KarpenterReleaseProps(
        definitions_source=ChartSource(source="oci://registry.example.com/karpenter-crd", chart=KARPENTER_CRD),
        source=ChartSource(source="oci://registry.example.com/karpenter", chart=KARPENTER),
        cluster_endpoint="https://example.eks.amazonaws.com",
        replicas=2,
        service_cidr="172.20.0.0/16",
        private_subnet_cidrs=["10.0.0.0/19"],
    )
    karpenter = KarpenterRelease(stack, "karpenter", props)
    facts = PoolFacts(cluster_name="airflow-dev", instance_profile="profile", availability_zones=("eu-west-1a",))
    pools = PoolsReleaseProps(
        chart="../../../helm/node-pools",
        namespace=karpenter.namespace,
        pools=[Pool("tasks", POOL, prefix_delegation)],
        facts=facts,
        karpenter=karpenter.resource,
    )
    PoolsRelease(stack, "node-pools", pools)


@pytest.fixture
def deployed(stack: TrialStack) -> TrialStack:
    """A stack with both."""
    release(stack)
    return stack


class TestKarpenter:
    def test_charts_are_pinned(self, deployed: TrialStack) -> None:
        """Definitions and controller of one version; the definitions by their own chart, which Helm upgrades."""
        for name in ("karpenter", "karpenter_crd"):
            found = deployed.resource(f"helm_release.{name}")
            assert (found["version"], found["namespace"], found["wait"]) == ("1.14.1", NAMESPACE, True)
        assert deployed.resource("helm_release.karpenter")["skip_crds"] is True

    def test_knows_the_cluster_and_its_queue(self, deployed: TrialStack) -> None:
        """Its region, too: pods reach no instance metadata."""
        values = json.loads(deployed.resource("helm_release.karpenter")["values"][0])
        assert values["settings"]["clusterName"] == "airflow-dev"
        assert values["settings"]["interruptionQueue"] == "airflow-dev-karpenter"
        assert values["controller"]["env"] == [{"name": "AWS_REGION", "value": "eu-west-1"}]
        assert values["replicas"] == 2

    def test_pods_are_restricted(self, deployed: TrialStack) -> None:
        """As in Airflow's namespace."""
        labels = deployed.resource("kubernetes_namespace_v1.karpenter")["metadata"]["labels"]
        assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


class TestNetworkPolicy:
    @pytest.fixture
    def spec(self, deployed: TrialStack) -> dict[str, Any]:
        """Of the one policy of the namespace."""
        found: dict[str, Any] = deployed.resource("kubernetes_network_policy_v1.karpenter")["spec"]
        return found

    def test_nobody_reaches_it(self, spec: dict[str, Any]) -> None:
        """It binds all pods both ways, and has no rule for what comes in."""
        assert (spec["pod_selector"], spec["policy_types"]) == ({}, ["Ingress", "Egress"])
        assert "ingress" not in spec

    def test_what_it_reaches(self, spec: dict[str, Any]) -> None:
        """DNS, the Kubernetes API, the Pod Identity agent, AWS; no instance metadata."""
        found = [
            ([entry.get("ip_block", {}).get("cidr") for entry in rule["to"]], [port["port"] for port in rule["ports"]])
            for rule in spec["egress"]
        ]
        assert found == [
            ([None], ["53", "53"]),
            (["172.20.0.1/32", "10.0.0.0/19"], ["443"]),
            (["169.254.170.23/32"], ["80"]),
            (["0.0.0.0/0"], ["443"]),
        ]
        assert "169.254.0.0/16" in spec["egress"][3]["to"][0]["ip_block"]["except"]


class TestPools:
    def test_come_after_karpenter_and_go_before_it(self, deployed: TrialStack) -> None:
        """Definitions, controller, pools; on destroy the other way round, and each is waited for."""
        assert deployed.resource("helm_release.node_pools")["depends_on"] == ["helm_release.karpenter"]
        assert "helm_release.karpenter_crd" in deployed.resource("helm_release.karpenter")["depends_on"]
        pools = deployed.resource("helm_release.node_pools")
        assert (pools["wait"], pools["timeout"]) == (True, 3600)
        assert pools["chart"] == "../../../helm/node-pools"

    def test_are_two_objects_each(self, deployed: TrialStack) -> None:
        """In the values of the chart, as Kubernetes takes them."""
        objects = json.loads(deployed.resource("helm_release.node_pools")["values"][0])["objects"]
        assert [(body["kind"], body["metadata"]["name"]) for body in objects] == [
            ("EC2NodeClass", "tasks"),
            ("NodePool", "tasks"),
        ]
        assert "kubelet" not in objects[0]["spec"]

    def test_with_prefix_delegation_nodes_have_more_pods(self, stack: TrialStack) -> None:
        """As many as EKS gives the nodes of groups: Karpenter counts addresses without it."""
        release(stack, prefix_delegation=True)
        objects = json.loads(stack.resource("helm_release.node_pools")["values"][0])["objects"]
        assert objects[0]["spec"]["kubelet"] == {"maxPods": 110}
