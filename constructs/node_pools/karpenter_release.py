"""Karpenter, which starts nodes for pods that find none."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_helm.release import Release
from cdktf_cdktf_provider_kubernetes.namespace_v1 import NamespaceV1
from cdktf_cdktf_provider_kubernetes.network_policy_v1 import NetworkPolicyV1
from constructs.airflow.charts.chart_check import released_only
from constructs.airflow.charts.chart_source import ChartSource
from constructs.airflow.namespace import DELETE_TIMEOUT, metadata_of_namespace, pod_security
from constructs.airflow.network.network_policies import egress
from constructs.airflow.network.network_rules import Rule
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
from constructs.capacity.fit import KARPENTER_POD
from constructs.cluster.karpenter_names import NAMESPACE, SERVICE_ACCOUNT
from constructs.naming.component import Component, Scope
from constructs.settings.values.quantities import CPU, MEMORY

#: The image comes from AWS's public registry and is small.
TIMEOUT_SECONDS = 600

HISTORY = 5


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


class KarpenterRelease(Component):
    """Karpenter's definitions and its controller, in a namespace of its own, complete when the controller is ready.

    It runs on nodes of managed groups only: the chart keeps it off those that it makes. Node pools depend on it: they
    are deleted, and waited for, while it still runs, which takes their nodes away. Nobody else would.
    """

    def __init__(self, scope: Scope, id_: str, props: KarpenterReleaseProps) -> None:
        super().__init__(scope, id_)
        namespace = self.add(
            NamespaceV1,
            "karpenter",
            metadata=metadata_of_namespace({"name": NAMESPACE, "labels": {**self.labels.kubernetes, **pod_security()}}),
            wait_for_default_service_account=True,
            timeouts={"delete": DELETE_TIMEOUT},
        )
        self.namespace: str = namespace.get_string_attribute("metadata[0].name")
        policy = self._policy(self.namespace, props)
        definitions = self._release("karpenter_crd", props.definitions_source, {}, [])
        self.resource: ITerraformDependable = self._release(
            "karpenter", props.source, self._values(props), [policy, definitions], skip_crds=True
        )

    def _release(
        self,
        name: str,
        source: ChartSource,
        values: dict[str, Any],
        depends_on: list[ITerraformDependable],
        *,
        skip_crds: bool | None = None,
    ) -> Release:
        return self.add(
            Release,
            name,
            name=source.chart.name,
            namespace=self.namespace,
            **source.arguments(),
            values=[json.dumps(values, indent=2)],
            skip_crds=skip_crds,
            wait=True,
            timeout=TIMEOUT_SECONDS,
            max_history=HISTORY,
            depends_on=depends_on,
            lifecycle=released_only(source),
        )

    def _policy(self, namespace: str, props: KarpenterReleaseProps) -> NetworkPolicyV1:
        """One for all pods of the namespace: what no rule names is refused. Nobody opens connections to them."""
        own = OtherPods("Karpenter", namespace)
        agent = Addresses("Pod Identity agent", ranges([POD_IDENTITY_AGENT]))
        api = kubernetes_api(props.service_cidr, props.private_subnet_cidrs)
        reasons: dict[str, tuple[Peer, tuple[Port, ...]]] = {
            "host names": (DNS, (Port(53, "UDP"), Port(53))),
            "pods that wait, and nodes": (api, (Port(443),)),
            "AWS credentials": (agent, (Port(80),)),
            "AWS: instances, images, prices, interruptions": (internet(), (Port(443),)),
        }
        rules = [
            Rule(sources=(own,), destination=destination, ports=ports, why=why)
            for why, (destination, ports) in reasons.items()
        ]
        return self.add(
            NetworkPolicyV1,
            "karpenter",
            metadata={
                "name": NAMESPACE,
                "namespace": namespace,
                "labels": self.labels.kubernetes,
                "annotations": {"reasons": "\n".join(reasons)},
            },
            spec={
                "pod_selector": {},
                "policy_types": ["Ingress", "Egress"],
                "egress": [egress(rule) for rule in rules],
            },
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
