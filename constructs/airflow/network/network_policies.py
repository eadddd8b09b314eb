"""Network policies of Airflow's namespace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_kubernetes.network_policy_v1 import (
    NetworkPolicyV1,
    NetworkPolicyV1SpecEgress,
    NetworkPolicyV1SpecEgressPorts,
    NetworkPolicyV1SpecEgressTo,
    NetworkPolicyV1SpecIngress,
    NetworkPolicyV1SpecIngressFrom,
    NetworkPolicyV1SpecIngressPorts,
)
from constructs.airflow.charts.airflow_chart import pod_labels
from constructs.airflow.network.network_rules import NetworkFacts, Rule, rules
from constructs.airflow.network.peers import Addresses, Peer, Pods
from constructs.naming.component import Component, Scope

#: Every namespace carries its name under this label (Kubernetes sets it).
NAMESPACE_LABEL = "kubernetes.io/metadata.name"


@dataclass(frozen=True, kw_only=True)
class NetworkPoliciesProps(NetworkFacts):
    """Inputs of `NetworkPolicies`."""

    namespace: str


class NetworkPolicies(Component):
    """One policy that refuses every pod of the namespace everything, and one per component with what it takes.

    The rules are `network_rules`; each policy has its own as the annotation `reasons`. Policies add up: for pods of
    your own in this namespace add a policy of your own.
    """

    def __init__(self, scope: Scope, id_: str, props: NetworkPoliciesProps) -> None:
        super().__init__(scope, id_)
        self._namespace = props.namespace
        found = rules(props)
        peers = [peer for rule in found for peer in (*rule.sources, rule.destination)]
        components = dict.fromkeys(peer.component for peer in peers if isinstance(peer, Pods))
        self.components: frozenset[str] = frozenset(components)
        """Pods that have a policy, by their label `component`."""
        self.resources: Sequence[ITerraformDependable] = [
            self._policy("default-deny", {}, "all pods: what no other policy allows is refused", [], []),
            *(self._of_component(component, found) for component in components),
        ]
        """What pods wait for."""

    def _of_component(self, component: str, found: Sequence[Rule]) -> NetworkPolicyV1:
        me = Pods(component)
        into = [rule for rule in found if rule.destination == me]
        out_of = [rule for rule in found if me in rule.sources]
        reasons = [f"from {_names(rule.sources)}, {_ports(rule)}: {rule.why}" for rule in into]
        reasons += [f"to {_names([rule.destination])}, {_ports(rule)}: {rule.why}" for rule in out_of]
        return self._policy(
            component,
            pod_labels(component),
            "\n".join(reasons),
            [ingress(rule) for rule in into],
            [egress(rule) for rule in out_of],
        )

    def _policy(
        self,
        name: str,
        pods: Mapping[str, str],
        reasons: str,
        ingress: Sequence[NetworkPolicyV1SpecIngress],
        egress: Sequence[NetworkPolicyV1SpecEgress],
    ) -> NetworkPolicyV1:
        return self.add(
            NetworkPolicyV1,
            name.replace("-", "_"),
            metadata={
                "name": f"airflow-{name}",
                "namespace": self._namespace,
                "labels": self.labels.kubernetes,
                "annotations": {"reasons": reasons},
            },
            spec={
                "pod_selector": {"match_labels": pods} if pods else {},
                "policy_types": ["Ingress", "Egress"],
                "ingress": list(ingress) or None,
                "egress": list(egress) or None,
            },
        )


def ingress(rule: Rule) -> NetworkPolicyV1SpecIngress:
    """Return what a policy of the destination says of a rule."""
    return NetworkPolicyV1SpecIngress(
        from_=[NetworkPolicyV1SpecIngressFrom(**entry) for peer in rule.sources for entry in _entries(peer)],
        ports=[NetworkPolicyV1SpecIngressPorts(**port) for port in _port_arguments(rule)],
    )


def egress(rule: Rule) -> NetworkPolicyV1SpecEgress:
    """Return what a policy of a source says of a rule."""
    return NetworkPolicyV1SpecEgress(
        to=[NetworkPolicyV1SpecEgressTo(**entry) for entry in _entries(rule.destination)],
        ports=[NetworkPolicyV1SpecEgressPorts(**port) for port in _port_arguments(rule)] or None,
    )


def _entries(peer: Peer) -> list[dict[str, Any]]:
    if isinstance(peer, Pods):
        return [{"pod_selector": {"match_labels": pod_labels(peer.component)}}]
    if isinstance(peer, Addresses):
        return [
            {"ip_block": {"cidr": block.cidr, **({"except_": list(block.but)} if block.but else {})}}
            for block in peer.ranges
        ]
    namespace = {"match_labels": {NAMESPACE_LABEL: peer.namespace}} if peer.namespace else {}
    pods = {"pod_selector": {"match_labels": dict(peer.labels)}} if peer.labels else {}
    return [{"namespace_selector": namespace, **pods}]


def _port_arguments(rule: Rule) -> list[dict[str, str]]:
    return [{"port": str(port.number), "protocol": port.protocol} for port in rule.ports]


def _ports(rule: Rule) -> str:
    return ", ".join(f"{port.protocol} {port.number}" for port in rule.ports) or "every port"


def _names(peers: Sequence[Peer]) -> str:
    return ", ".join(peer.component if isinstance(peer, Pods) else peer.name for peer in peers)
