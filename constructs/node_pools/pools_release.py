"""The environment's node pools, as a release of a chart that is in the checkout."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_helm.release import Release
from constructs.capacity.pools import Pool
from constructs.naming.component import Component, Scope
from constructs.node_pools.objects import PoolFacts, objects

NAME = "node-pools"
#: The chart, below the checkout.
CHART = f"helm/{NAME}"

#: How long Helm waits until Karpenter has taken the nodes of pools away that are deleted. Airflow's release is gone by
#: then, so that no task holds a node; what other pods may take is up to their own grace period.
TIMEOUT_SECONDS = 3600

HISTORY = 5


@dataclass(frozen=True, kw_only=True)
class PoolsReleaseProps:
    """Inputs of `PoolsRelease`."""

    chart: str
    """Path of the chart, seen from where Terraform runs."""

    namespace: str
    """Where Helm keeps the release; the objects are in none."""

    pools: Sequence[Pool]
    facts: PoolFacts
    karpenter: ITerraformDependable


class PoolsRelease(Component):
    """NodePools and EC2NodeClasses by a small chart: Helm needs no definition of their kinds when it is planned.

    On destroy Helm waits for the EC2NodeClasses, which Karpenter lets go of when the last node is gone.
    """

    def __init__(self, scope: Scope, id_: str, props: PoolsReleaseProps) -> None:
        super().__init__(scope, id_)
        bodies = [
            body
            for pool in props.pools
            for body in objects(
                pool.name, pool.settings, props.facts, most_pods=pool.most_pods if pool.prefix_delegation else None
            )
        ]
        self.resource: ITerraformDependable = self.add(
            Release,
            "node_pools",
            name=NAME,
            namespace=props.namespace,
            chart=props.chart,
            values=[json.dumps({"objects": bodies}, indent=2)],
            wait=True,
            timeout=TIMEOUT_SECONDS,
            max_history=HISTORY,
            depends_on=[props.karpenter],
        )
