"""A node pool as Karpenter takes it: a NodePool, which says what nodes there may be, and the EC2NodeClass of these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from constructs.cluster.karpenter_names import DISCOVERY_TAG, GROUP_TAG
from constructs.settings.sections.node_pools import BudgetSettings, NodePoolSettings
from constructs.settings.values.ami_types import Architecture

#: Kinds of the objects, which Karpenter's definitions install.
NODE_POOL, NODE_CLASS = ("karpenter.sh", "NodePool"), ("karpenter.k8s.aws", "EC2NodeClass")
VERSION = "v1"

#: As Kubernetes calls them.
ARCHITECTURES: Mapping[Architecture, str] = {"arm64": "arm64", "x86_64": "amd64"}
_CAPACITY_TYPES = {"spot": "spot", "on_demand": "on-demand"}
_POLICIES = {"when_empty": "WhenEmpty", "when_empty_or_underutilized": "WhenEmptyOrUnderutilized"}
#: Bottlerocket's own volume, as large as its image says.
_BOTTLEROCKET_SYSTEM = "4Gi"

Body = dict[str, Any]

#: Karpenter's own default, in words.
_A_TENTH = {"nodes": "10%"}


@dataclass(frozen=True, kw_only=True)
class PoolFacts:
    """What all pools of an environment have in common."""

    cluster_name: str
    """Text, and known: subnets and security group carry it in a tag."""

    instance_profile: str
    availability_zones: Sequence[str]
    volume_kms_key_arn: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    """On instances, volumes, network interfaces and launch templates."""

    labels: Mapping[str, str] = field(default_factory=dict)
    """On the two objects themselves."""


def objects(name: str, pool: NodePoolSettings, facts: PoolFacts, *, most_pods: int | None = None) -> list[Body]:
    """Return the two objects of a pool; `most_pods`: how many pods a node may have, if not what its type says."""
    return [_node_class(name, pool, facts, most_pods), _node_pool(name, pool, facts)]


def _object(kind: tuple[str, str], name: str, facts: PoolFacts, spec: Body) -> Body:
    metadata = {"name": name, "labels": dict(facts.labels)}
    return {"apiVersion": f"{kind[0]}/{VERSION}", "kind": kind[1], "metadata": metadata, "spec": spec}


def _node_class(name: str, pool: NodePoolSettings, facts: PoolFacts, most_pods: int | None) -> Body:
    spec: Body = {
        "amiSelectorTerms": [{"alias": pool.ami}],
        "instanceProfile": facts.instance_profile,
        "subnetSelectorTerms": [{"tags": {DISCOVERY_TAG: facts.cluster_name}}],
        "securityGroupSelectorTerms": [{"tags": {GROUP_TAG: facts.cluster_name}}],
        "associatePublicIPAddress": False,
        "metadataOptions": {
            "httpEndpoint": "enabled",
            "httpProtocolIPv6": "disabled",
            "httpPutResponseHopLimit": 1,
            "httpTokens": "required",
        },
        "blockDeviceMappings": _volumes(pool, facts.volume_kms_key_arn),
        "tags": dict(facts.tags),
    }
    if most_pods is not None:
        spec["kubelet"] = {"maxPods": most_pods}
    return _object(NODE_CLASS, name, facts, spec)


def _volumes(pool: NodePoolSettings, key: str | None) -> list[Body]:
    size = f"{pool.volume_size_gib}Gi"
    bottlerocket = pool.ami.startswith("bottlerocket@")
    sizes = {"/dev/xvda": _BOTTLEROCKET_SYSTEM, "/dev/xvdb": size} if bottlerocket else {"/dev/xvda": size}
    encryption = {"encrypted": True, **({"kmsKeyID": key} if key else {})}
    return [
        {
            "deviceName": device,
            "ebs": {"volumeType": "gp3", "volumeSize": size, "deleteOnTermination": True, **encryption},
        }
        for device, size in sizes.items()
    ]


def _node_pool(name: str, pool: NodePoolSettings, facts: PoolFacts) -> Body:
    node: Body = {
        "nodeClassRef": {"group": NODE_CLASS[0], "kind": NODE_CLASS[1], "name": name},
        "requirements": _requirements(pool, facts.availability_zones),
        "expireAfter": f"{pool.expire_after_hours}h",
        "terminationGracePeriod": f"{pool.termination_grace_hours}h",
    }
    if pool.taints:
        # An empty value is refused; none means the same.
        node["taints"] = [
            {"key": taint.key, "effect": taint.kubernetes_effect, **({"value": taint.value} if taint.value else {})}
            for taint in pool.taints
        ]
    spec = {
        "template": {"metadata": {"labels": pool.node_labels}, "spec": node},
        "limits": {"cpu": str(pool.limits.cpu), "memory": pool.limits.memory},
        "disruption": {
            "consolidationPolicy": _POLICIES[pool.consolidation.policy],
            "consolidateAfter": f"{pool.consolidation.after_seconds}s",
            "budgets": list(map(_budget, pool.budgets)) or [_A_TENTH],
        },
    }
    return _object(NODE_POOL, name, facts, spec)


def _requirements(pool: NodePoolSettings, zones: Sequence[str]) -> list[Body]:
    if pool.instance_types:
        types = {"node.kubernetes.io/instance-type": pool.instance_types}
    else:
        types = {
            "karpenter.k8s.aws/instance-family": pool.instance_families,
            "karpenter.k8s.aws/instance-size": pool.instance_sizes,
        }
    wanted: Mapping[str, Sequence[str]] = {
        **types,
        "kubernetes.io/arch": [ARCHITECTURES[each] for each in pool.architectures],
        "kubernetes.io/os": ["linux"],
        "karpenter.sh/capacity-type": [_CAPACITY_TYPES[each] for each in pool.capacity_types],
        "topology.kubernetes.io/zone": pool.availability_zones or zones,
    }
    return [{"key": key, "operator": "In", "values": list(values)} for key, values in wanted.items()]


def _budget(budget: BudgetSettings) -> Body:
    body: Body = {"nodes": budget.nodes}
    if budget.schedule:
        body |= {"schedule": budget.schedule, "duration": f"{budget.duration_minutes}m"}
    return body
