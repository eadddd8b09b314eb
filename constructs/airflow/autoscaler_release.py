"""KEDA, which makes as many workers and triggerers as there is work for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cdktf import ITerraformDependable
from constructs.airflow.charts.airflow_chart import pod_labels
from constructs.airflow.charts.chart_source import ChartSource
from constructs.airflow.network.peers import (
    DNS,
    KEDA_NAMESPACE,
    PGBOUNCER,
    PGBOUNCER_PORT,
    OtherPods,
    Peer,
    Port,
    kubernetes_api,
)
from constructs.airflow.operator_release import OperatorRelease, Way
from constructs.naming.component import Scope

#: Ports as the chart sets them.
_OPERATOR_PORT, _METRICS_PORT = 9666, 6443


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


class AutoscalerRelease(OperatorRelease):
    """KEDA's operator and metrics server by their own chart, in a namespace of their own, complete when they are ready.

    Airflow's release depends on it: its ScaledObjects are deleted, and waited for, while the operator still runs, which
    takes off their finalizer. Nothing else would, and the namespace would never go.
    """

    def __init__(self, scope: Scope, id_: str, props: AutoscalerReleaseProps) -> None:
        super().__init__(scope, id_)
        namespace = self.namespace_of(KEDA_NAMESPACE)
        own = OtherPods("KEDA", namespace)
        policy = self.policy(KEDA_NAMESPACE, namespace, own, _ways(own, props))
        self.resource: ITerraformDependable = self.release(
            props.source, namespace, _values(props.watched_namespace), [policy, *props.depends_on]
        )


def _ways(own: Peer, props: AutoscalerReleaseProps) -> dict[str, Way]:
    pgbouncer = OtherPods("PgBouncer", props.watched_namespace, tuple(pod_labels(PGBOUNCER.component).items()))
    api = kubernetes_api(props.service_cidr, props.private_subnet_cidrs)
    return {
        "host names": (own, DNS, (Port(53, "UDP"), Port(53))),
        "what is to be scaled, and scaling it": (own, api, (Port(443),)),
        "how many tasks wait or run": (own, pgbouncer, (Port(PGBOUNCER_PORT),)),
        "the metrics server asks the operator": (own, own, (Port(_OPERATOR_PORT),)),
        "HorizontalPodAutoscalers ask the metrics server": (api, own, (Port(_METRICS_PORT),)),
    }


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
