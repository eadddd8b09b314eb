"""Karpenter, which starts nodes for pods that find none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cdktf import ITerraformDependable
from constructs.airflow.charts.chart_source import ChartSource
from constructs.airflow.network.peers import (
    DNS,
    POD_IDENTITY_AGENT,
    Addresses,
    OtherPods,
    Peer,
    Port,
    internet,
    kubernetes_api,
    ranges,
)
from constructs.airflow.operator_release import OperatorRelease, Way
from constructs.capacity.fit import KARPENTER_POD
from constructs.cluster.karpenter_names import NAMESPACE, SERVICE_ACCOUNT
from constructs.naming.component import Scope
from constructs.settings.values.quantities import CPU, MEMORY


@dataclass(frozen=True, kw_only=True)
class KarpenterReleaseProps:
    """Inputs of `KarpenterRelease`."""

    definitions_source: ChartSource
    """Of the chart with the definitions of Karpenter's kinds, which Helm upgrades in no other way."""

    source: ChartSource
    cluster_endpoint: str
    replicas: int
    """One works, another stands by, on another node; there have to be as many nodes of managed groups."""

    service_cidr: str
    private_subnet_cidrs: Sequence[str]
    """Subnets that the Kubernetes API has its addresses in."""


class KarpenterRelease(OperatorRelease):
    """Karpenter's definitions and its controller, in a namespace of its own, complete when the controller is ready.

    It runs on nodes of managed groups only: the chart keeps it off those that it makes. Node pools depend on it: they
    are deleted, and waited for, while it still runs, which takes their nodes away. Nobody else would.
    """

    def __init__(self, scope: Scope, id_: str, props: KarpenterReleaseProps) -> None:
        super().__init__(scope, id_)
        self.namespace: str = self.namespace_of(NAMESPACE)
        own = OtherPods("Karpenter", self.namespace)
        policy = self.policy(NAMESPACE, self.namespace, own, _ways(own, props))
        definitions = self.release(props.definitions_source, self.namespace, {}, [])
        self.resource: ITerraformDependable = self.release(
            props.source, self.namespace, self._values(props), [policy, definitions], skip_crds=True
        )

    def _values(self, props: KarpenterReleaseProps) -> dict[str, Any]:
        memory = MEMORY.text(KARPENTER_POD.mebibytes)
        return {
            "replicas": props.replicas,
            "serviceAccount": {"create": True, "name": SERVICE_ACCOUNT},
            "controller": {
                "resources": {
                    "requests": {"cpu": CPU.text(KARPENTER_POD.millicores), "memory": memory},
                    "limits": {"memory": memory},
                },
                # Pods reach no instance metadata to ask.
                "env": [{"name": "AWS_REGION", "value": self.names.region}],
            },
            "settings": {
                "clusterName": self.names.prefix,
                "clusterEndpoint": props.cluster_endpoint,
                "eksControlPlane": True,
                "interruptionQueue": self.names.karpenter_queue,
            },
        }


def _ways(own: Peer, props: KarpenterReleaseProps) -> dict[str, Way]:
    """Nobody opens connections to it."""
    api = kubernetes_api(props.service_cidr, props.private_subnet_cidrs)
    agent = Addresses("Pod Identity agent", ranges([POD_IDENTITY_AGENT]))
    return {
        "host names": (own, DNS, (Port(53, "UDP"), Port(53))),
        "pods that wait, and nodes": (own, api, (Port(443),)),
        "AWS credentials": (own, agent, (Port(80),)),
        "AWS: instances, images, prices, interruptions": (own, internet(), (Port(443),)),
    }
