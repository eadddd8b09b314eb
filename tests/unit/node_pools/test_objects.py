"""What Karpenter is told of a pool."""

from __future__ import annotations

from typing import Any

import pytest
from constructs.node_pools.objects import PoolFacts, objects
from constructs.settings.sections.node_pools import NodePoolSettings

FACTS = PoolFacts(
    cluster_name="airflow-dev",
    instance_profile="airflow-dev-karpenter-node",
    availability_zones=("eu-west-1a", "eu-west-1b"),
    tags={"Project": "airflow", "team": "data"},
    labels={"app.kubernetes.io/managed-by": "cdktf"},
)
LIMITS = {"cpu": 64, "memory": "256Gi"}


def made(*, key: str | None = None, most_pods: int | None = None, **settings: Any) -> tuple[Any, Any]:
    """The specifications of node class and node pool."""
    families = {} if "instance_types" in settings else {"instance_families": ("m7g", "m7i")}
    pool = NodePoolSettings.model_validate({"limits": LIMITS, **families, **settings})
    facts = PoolFacts(**{**FACTS.__dict__, "volume_kms_key_arn": key})
    node_class, node_pool = objects("tasks", pool, facts, most_pods=most_pods)
    assert {node_class["metadata"]["name"], node_pool["metadata"]["name"]} == {"tasks"}
    return node_class["spec"], node_pool["spec"]


def requirements(pool: Any) -> dict[str, list[str]]:
    """Label -> its allowed values."""
    listed = pool["template"]["spec"]["requirements"]
    assert {entry["operator"] for entry in listed} == {"In"}
    return {entry["key"]: entry["values"] for entry in listed}


class TestNodeClass:
    def test_nodes_are_closed_as_those_of_groups(self) -> None:
        """IMDSv2 for the node alone, no public address, encrypted volume that goes with it, all tags."""
        spec, _ = made()
        assert spec["metadataOptions"] == {
            "httpEndpoint": "enabled",
            "httpProtocolIPv6": "disabled",
            "httpPutResponseHopLimit": 1,
            "httpTokens": "required",
        }
        assert spec["associatePublicIPAddress"] is False
        assert spec["blockDeviceMappings"] == [
            {
                "deviceName": "/dev/xvda",
                "ebs": {"volumeType": "gp3", "volumeSize": "50Gi", "deleteOnTermination": True, "encrypted": True},
            }
        ]
        assert spec["tags"] == {"Project": "airflow", "team": "data"}

    def test_nodes_are_started_where_the_cluster_is(self) -> None:
        """In its tagged subnets, with its own security group, whose tag EKS alone can give; as the one profile."""
        spec, _ = made()
        assert spec["subnetSelectorTerms"] == [{"tags": {"karpenter.sh/discovery": "airflow-dev"}}]
        assert spec["securityGroupSelectorTerms"] == [{"tags": {"aws:eks:cluster-name": "airflow-dev"}}]
        assert spec["instanceProfile"] == "airflow-dev-karpenter-node"
        assert "role" not in spec

    def test_volumes_have_the_files_key(self) -> None:
        """As those of groups."""
        spec, _ = made(key="arn:aws:kms:eu-west-1:111122223333:key/1")
        assert spec["blockDeviceMappings"][0]["ebs"]["kmsKeyID"] == "arn:aws:kms:eu-west-1:111122223333:key/1"

    def test_image_is_pinned(self) -> None:
        """By alias and version; Bottlerocket keeps images and pods on a second volume."""
        spec, _ = made(ami="bottlerocket@v1.20.4", volume_size_gib=80)
        assert spec["amiSelectorTerms"] == [{"alias": "bottlerocket@v1.20.4"}]
        sizes = {each["deviceName"]: each["ebs"]["volumeSize"] for each in spec["blockDeviceMappings"]}
        assert sizes == {"/dev/xvda": "4Gi", "/dev/xvdb": "80Gi"}

    def test_pods_are_as_many_as_said(self) -> None:
        """Karpenter counts addresses by itself, and without prefix delegation."""
        assert "kubelet" not in made()[0]
        assert made(most_pods=110)[0]["kubelet"] == {"maxPods": 110}


class TestNodePool:
    def test_types_by_families_and_sizes(self) -> None:
        """On all zones of the environment, on both processors, on-demand."""
        assert requirements(made(instance_sizes=("large",))[1]) == {
            "karpenter.k8s.aws/instance-family": ["m7g", "m7i"],
            "karpenter.k8s.aws/instance-size": ["large"],
            "kubernetes.io/arch": ["arm64", "amd64"],
            "kubernetes.io/os": ["linux"],
            "karpenter.sh/capacity-type": ["on-demand"],
            "topology.kubernetes.io/zone": ["eu-west-1a", "eu-west-1b"],
        }

    def test_single_types_spot_and_zones(self) -> None:
        """As the file says."""
        found = requirements(
            made(
                instance_types=("m7g.large",),
                architectures=("arm64",),
                capacity_types=("spot", "on_demand"),
                availability_zones=("eu-west-1b",),
            )[1]
        )
        assert found["node.kubernetes.io/instance-type"] == ["m7g.large"]
        assert "karpenter.k8s.aws/instance-family" not in found
        assert found["kubernetes.io/arch"] == ["arm64"]
        assert found["karpenter.sh/capacity-type"] == ["spot", "on-demand"]
        assert found["topology.kubernetes.io/zone"] == ["eu-west-1b"]

    def test_limits_and_ends(self) -> None:
        """The most there may be, how old a node gets, and how long one that has to go waits."""
        _, spec = made(expire_after_hours=48, termination_grace_hours=30)
        assert spec["limits"] == {"cpu": "64", "memory": "256Gi"}
        node = spec["template"]["spec"]
        assert (node["expireAfter"], node["terminationGracePeriod"]) == ("48h", "30h")

    def test_labels_and_taints(self) -> None:
        """A taint without a value has none: Karpenter refuses an empty one."""
        taints = (
            {"key": "workload", "value": "tasks", "effect": "NO_SCHEDULE"},
            {"key": "spot", "effect": "PREFER_NO_SCHEDULE"},
        )
        _, spec = made(labels={"workload": "tasks"}, taints=taints)
        assert spec["template"]["metadata"]["labels"] == {"workload": "tasks"}
        assert spec["template"]["spec"]["taints"] == [
            {"key": "workload", "effect": "NoSchedule", "value": "tasks"},
            {"key": "spot", "effect": "PreferNoSchedule"},
        ]
        assert "taints" not in made()[1]["template"]["spec"]

    @pytest.mark.parametrize(
        ("policy", "written"),
        [("when_empty", "WhenEmpty"), ("when_empty_or_underutilized", "WhenEmptyOrUnderutilized")],
    )
    def test_consolidation_and_budgets(self, policy: str, written: str) -> None:
        """In Karpenter's words."""
        budgets = ({"nodes": "20%"}, {"nodes": "0", "schedule": "0 6 * * mon-fri", "duration_minutes": 600})
        _, spec = made(consolidation={"policy": policy, "after_seconds": 60}, budgets=budgets)
        assert spec["disruption"] == {
            "consolidationPolicy": written,
            "consolidateAfter": "60s",
            "budgets": [{"nodes": "20%"}, {"nodes": "0", "schedule": "0 6 * * mon-fri", "duration": "600m"}],
        }
        assert made()[1]["disruption"]["budgets"] == [{"nodes": "10%"}]
