"""What makes pods and nodes as many as there is work for, where the environment file asks for it."""

from __future__ import annotations

from dataclasses import dataclass

from cdktf import ITerraformDependable
from constructs.airflow.autoscaler_release import AutoscalerRelease, AutoscalerReleaseProps
from constructs.airflow.charts.chart_source import ChartSource
from constructs.airflow.namespace import AirflowNamespace
from constructs.capacity.fit import karpenter_replicas
from constructs.capacity.pools import pools_of
from constructs.naming.component import Scope
from constructs.node_pools.karpenter_release import KarpenterRelease, KarpenterReleaseProps
from constructs.node_pools.objects import PoolFacts
from constructs.node_pools.pools_release import PoolsRelease, PoolsReleaseProps
from constructs.settings.environment import Environment


@dataclass(frozen=True, kw_only=True)
class KarpenterSources:
    """Charts of Karpenter and of the node pools."""

    definitions: ChartSource
    controller: ChartSource
    node_pools: str
    """Path of the checkout's own, seen from where Terraform runs."""


def autoscaler(
    stack: Scope, environment: Environment, chart: ChartSource, namespace: AirflowNamespace
) -> ITerraformDependable:
    """Make KEDA's release, and return it."""
    props = AutoscalerReleaseProps(
        source=chart,
        watched_namespace=namespace.name,
        service_cidr=environment.cluster.service_cidr,
        private_subnet_cidrs=environment.network.plan(environment.availability_zones).private,
        depends_on=namespace.resources,
    )
    return AutoscalerRelease(stack, "autoscaler", props).resource


def node_pools(
    stack: Scope, environment: Environment, sources: KarpenterSources, cluster_endpoint: str
) -> ITerraformDependable:
    """Make Karpenter's release and that of its node pools, which is returned: it goes when no pod holds a node."""
    cluster, labels, names = environment.cluster, stack.labels, stack.labels.names
    props = KarpenterReleaseProps(
        definitions_source=sources.definitions,
        source=sources.controller,
        cluster_endpoint=cluster_endpoint,
        replicas=karpenter_replicas(cluster),
        service_cidr=cluster.service_cidr,
        private_subnet_cidrs=environment.network.plan(environment.availability_zones).private,
    )
    karpenter = KarpenterRelease(stack, "karpenter", props)
    facts = PoolFacts(
        cluster_name=names.prefix,
        instance_profile=names.karpenter_node,
        availability_zones=environment.availability_zones,
        volume_kms_key_arn=cluster.node_volume_kms_key_arn,
        tags={**labels.user_tags, **labels.constant_tags},
        labels=labels.kubernetes,
    )
    pools = PoolsReleaseProps(
        chart=sources.node_pools,
        namespace=karpenter.namespace,
        pools=pools_of(cluster),
        facts=facts,
        karpenter=karpenter.resource,
    )
    return PoolsRelease(stack, "node-pools", pools).resource
