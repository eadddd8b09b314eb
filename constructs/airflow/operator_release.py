"""An operator: a chart's release in a namespace of its own, whose pods talk to what is named and to nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_helm.release import Release
from cdktf_cdktf_provider_kubernetes.network_policy_v1 import NetworkPolicyV1
from constructs.airflow.charts.chart_check import released_only
from constructs.airflow.charts.chart_source import ChartSource
from constructs.airflow.namespace import name_of, restricted_namespace
from constructs.airflow.network.network_policies import egress, ingress
from constructs.airflow.network.network_rules import Rule
from constructs.airflow.network.peers import Peer, Port
from constructs.naming.component import Component

#: Images of operators are small.
TIMEOUT_SECONDS = 600

HISTORY = 5

#: Who opens connections to whom, at which ports.
Way = tuple[Peer, Peer, tuple[Port, ...]]


class OperatorRelease(Component):
    """What releases of operators have in common: namespace, network policy, release, each called after the operator."""

    def namespace_of(self, name: str) -> str:
        """Make a namespace that enforces the Pod Security Standard `restricted`; return its name as an expression."""
        return name_of(restricted_namespace(self, name, name))

    def policy(self, name: str, namespace: str, own: Peer, ways: Mapping[str, Way]) -> NetworkPolicyV1:
        """Make one policy for all pods of the namespace, `own`: what no way names, by its reason, is refused."""
        rules = [
            Rule(sources=(source,), destination=destination, ports=ports, why=why)
            for why, (source, destination, ports) in ways.items()
        ]
        coming = [ingress(rule) for rule in rules if rule.destination == own]
        return self.add(
            NetworkPolicyV1,
            name,
            metadata={
                "name": name,
                "namespace": namespace,
                "labels": self.labels.kubernetes,
                "annotations": {"reasons": "\n".join(ways)},
            },
            spec={
                "pod_selector": {},
                "policy_types": ["Ingress", "Egress"],
                **({"ingress": coming} if coming else {}),
                "egress": [egress(rule) for rule in rules if own in rule.sources],
            },
        )

    def release(
        self,
        source: ChartSource,
        namespace: str,
        values: Mapping[str, Any],
        depends_on: Sequence[ITerraformDependable],
        *,
        skip_crds: bool | None = None,
    ) -> Release:
        """Make the release of a chart, complete when its pods are ready."""
        return self.add(
            Release,
            source.chart.name.replace("-", "_"),
            name=source.chart.name,
            namespace=namespace,
            **source.arguments(),
            values=[json.dumps(values, indent=2)],
            skip_crds=skip_crds,
            wait=True,
            timeout=TIMEOUT_SECONDS,
            max_history=HISTORY,
            depends_on=list(depends_on),
            lifecycle=released_only(source),
        )
