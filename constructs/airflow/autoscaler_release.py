"""KEDA, which makes as many workers and triggerers as there is work for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_helm.release import Release
from cdktf_cdktf_provider_kubernetes.namespace_v1 import NamespaceV1
from cdktf_cdktf_provider_kubernetes.network_policy_v1 import NetworkPolicyV1
from constructs.airflow.charts.airflow_chart import pod_labels
from constructs.airflow.charts.chart_check import released_only
from constructs.airflow.charts.chart_source import ChartSource
from constructs.airflow.charts.released_chart import KEDA
from constructs.airflow.namespace import DELETE_TIMEOUT, metadata_of_namespace, pod_security
from constructs.airflow.network.network_policies import egress, ingress
from constructs.airflow.network.network_rules import Rule
from constructs.airflow.network.peers import DNS, PGBOUNCER, PGBOUNCER_PORT, OtherPods, Peer, Port, kubernetes_api
from constructs.naming.component import Component, Scope

NAMESPACE = "keda"

#: Ports as the chart sets them.
_OPERATOR_PORT, _METRICS_PORT = 9666, 6443

#: Images come from GitHub's registry and are small.
TIMEOUT_SECONDS = 600

HISTORY = 5


@dataclass(frozen=True, kw_only=True)
class AutoscalerReleaseProps:
    """Inputs of `AutoscalerRelease`."""

    source: ChartSource
    watched_namespace: str
    """Airflow's: nowhere else it may read or change anything. May be a Terraform expression."""

    service_cidr: str
    private_subnet_cidrs: Sequence[str]
    """Subnets that the Kubernetes API has its addresses in."""

    depends_on: Sequence[ITerraformDependable] = ()


class AutoscalerRelease(Component):
    """KEDA's operator and metrics server by their own chart, in a namespace of their own, complete when they are ready.

    Airflow's release depends on it: its ScaledObjects are deleted, and waited for, while the operator still runs, which
    takes off their finalizer. Nothing else would, and the namespace would never go.
    """

    def __init__(self, scope: Scope, id_: str, props: AutoscalerReleaseProps) -> None:
        super().__init__(scope, id_)
        namespace = self.add(
            NamespaceV1,
            "keda",
            metadata=metadata_of_namespace({"name": NAMESPACE, "labels": {**self.labels.kubernetes, **pod_security()}}),
            wait_for_default_service_account=True,
            timeouts={"delete": DELETE_TIMEOUT},
        )
        name = namespace.get_string_attribute("metadata[0].name")
        policy = self._policy(name, props)
        self.resource: ITerraformDependable = self.add(
            Release,
            "keda",
            name=KEDA.name,
            namespace=name,
            **props.source.arguments(),
            values=[json.dumps(_values(props.watched_namespace), indent=2)],
            wait=True,
            timeout=TIMEOUT_SECONDS,
            max_history=HISTORY,
            depends_on=[policy, *props.depends_on],
            lifecycle=released_only(props.source),
        )

    def _policy(self, namespace: str, props: AutoscalerReleaseProps) -> NetworkPolicyV1:
        """One for all pods of the namespace: what no rule names is refused."""
        own, airflow = OtherPods("KEDA", namespace), props.watched_namespace
        pgbouncer = OtherPods("PgBouncer", airflow, tuple(pod_labels(PGBOUNCER.component).items()))
        api = kubernetes_api(props.service_cidr, props.private_subnet_cidrs)
        reasons: dict[str, tuple[Peer, Peer, tuple[Port, ...]]] = {
            "host names": (own, DNS, (Port(53, "UDP"), Port(53))),
            "what is to be scaled, and scaling it": (own, api, (Port(443),)),
            "how many tasks wait or run": (own, pgbouncer, (Port(PGBOUNCER_PORT),)),
            "the metrics server asks the operator": (own, own, (Port(_OPERATOR_PORT),)),
            "HorizontalPodAutoscalers ask the metrics server": (api, own, (Port(_METRICS_PORT),)),
        }
        rules = [
            Rule(sources=(source,), destination=destination, ports=ports, why=why)
            for why, (source, destination, ports) in reasons.items()
        ]
        return self.add(
            NetworkPolicyV1,
            "keda",
            metadata={
                "name": NAMESPACE,
                "namespace": namespace,
                "labels": self.labels.kubernetes,
                "annotations": {"reasons": "\n".join(reasons)},
            },
            spec={
                "pod_selector": {},
                "policy_types": ["Ingress", "Egress"],
                "ingress": [ingress(rule) for rule in rules if rule.destination == own],
                "egress": [egress(rule) for rule in rules if own in rule.sources],
            },
        )


def _values(watched_namespace: str) -> dict[str, Any]:
    def resources(memory: str) -> dict[str, dict[str, str]]:
        return {"requests": {"cpu": "50m", "memory": memory}, "limits": {"memory": memory}}

    return {
        # The role is bound in this namespace alone (`clusterrolebindings.yaml` of the chart).
        "watchNamespace": watched_namespace,
        # Only Deployments are scaled; the chart's default is whatever has a scale.
        "rbac": {"enabledCustomScaledRefKinds": False},
        # It would check ScaledObjects that people write; these are the chart's.
        "webhooks": {"enabled": False},
        "image": {"pullPolicy": "IfNotPresent"},
        "resources": {"operator": resources("256Mi"), "metricServer": resources("128Mi")},
        "enableServiceLinks": False,
    }
