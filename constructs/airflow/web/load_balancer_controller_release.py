"""The AWS Load Balancer Controller, which makes a load balancer of an Ingress."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_helm.release import Release
from constructs.airflow.charts.chart_check import released_only
from constructs.airflow.charts.chart_source import ChartSource
from constructs.airflow.charts.released_chart import LOAD_BALANCER_CONTROLLER
from constructs.cluster.load_balancer_controller import NAMESPACE, SERVICE_ACCOUNT
from constructs.naming.component import Component, Scope

#: Images come from AWS's public registry and are small.
TIMEOUT_SECONDS = 600

HISTORY = 5


@dataclass(frozen=True, kw_only=True)
class LoadBalancerControllerReleaseProps:
    """Inputs of `LoadBalancerControllerRelease`."""

    source: ChartSource
    cluster_name: str
    vpc_id: str
    """Given, since pods reach no instance metadata to ask."""

    replicas: int = 2
    """One works, the others stand by; all of them answer the webhook that Ingresses have to pass."""

    waf: bool = False
    """Whether it attaches web ACLs of AWS WAF, for which its role has to have permissions."""

    depends_on: Sequence[ITerraformDependable] = ()


class LoadBalancerControllerRelease(Component):
    """The controller by its own chart, complete when its pods are ready, for application load balancers only.

    Ingresses depend on it, so that Terraform deletes them, and with them their load balancers, while it still runs.
    """

    def __init__(self, scope: Scope, id_: str, props: LoadBalancerControllerReleaseProps) -> None:
        super().__init__(scope, id_)
        self.resource: ITerraformDependable = self.add(
            Release,
            "load_balancer_controller",
            name=LOAD_BALANCER_CONTROLLER.name,
            namespace=NAMESPACE,
            **props.source.arguments(),
            values=[json.dumps(self._values(props), indent=2)],
            wait=True,
            timeout=TIMEOUT_SECONDS,
            max_history=HISTORY,
            depends_on=list(props.depends_on),
            lifecycle=released_only(props.source),
        )

    def _values(self, props: LoadBalancerControllerReleaseProps) -> dict[str, Any]:
        return {
            "clusterName": props.cluster_name,
            "region": self.names.region,
            "vpcId": props.vpc_id,
            "replicaCount": props.replicas,
            "serviceAccount": {"create": True, "name": SERVICE_ACCOUNT},
            "createIngressClassResource": True,
            # With it the creation of every service in the cluster depends on the controller's pods.
            "enableServiceMutatorWebhook": False,
            # Otherwise each upgrade makes another certificate, which the running pods don't know yet.
            "keepTLSSecret": True,
            # The role has no permissions for these; with the chart's defaults every Ingress fails with AccessDenied.
            "enableShield": False,
            "enableWaf": False,
            "enableWafv2": props.waf,
            # On everything that it makes, beside its own `elbv2.k8s.aws/cluster`. They win over tags of an Ingress.
            "defaultTags": {**self.labels.for_controllers, **self.labels.constant_tags},
            "resources": {"requests": {"cpu": "50m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
            "podDisruptionBudget": {"maxUnavailable": 1},
        }
