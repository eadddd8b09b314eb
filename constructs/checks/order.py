"""What Terraform makes first though nothing refers to it, and what goes wrong otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from constructs.checks.synthesized import SynthesizedStack

_CLUSTER = "aws_eks_cluster.cluster"
_INGRESS, _KEDA = "kubernetes_ingress_v1.airflow", "helm_release.keda"
_KARPENTER, _POOLS = "helm_release.karpenter", "helm_release.node_pools"


@dataclass(frozen=True)
class Wait:
    """`then` is made after `first`, and deleted before it."""

    first: str
    then: str
    why: str
    """What goes wrong without."""

    where: str | None = None
    """Only where this is; None: in every environment. A pattern (`*`) may find nothing."""


#: Add-ons that run on every node, and those that run as deployments (constructs/cluster/addons.py).
_ON_EACH_NODE = ("eks_pod_identity_agent", "kube_proxy", "vpc_cni")
_DEPLOYED = ("aws_ebs_csi_driver", "coredns", "metrics_server")

#: Stack -> what waits in it. Of `platform`, what job and Ingress wait for, and what the release of Airflow waits for in
#: every environment, was missing once on a real cluster.
ORDER: Mapping[str, Sequence[Wait]] = {
    "infrastructure": (
        Wait("aws_internet_gateway.*", "aws_eip.*", "a NAT gateway might not get it"),
        Wait(
            "aws_cloudwatch_log_group.control_plane",
            _CLUSTER,
            "EKS would make the log group itself, without key and retention",
            where=_CLUSTER,
        ),
        Wait("aws_iam_role_policy_attachment.cluster_eks", _CLUSTER, "EKS could make nothing", where=_CLUSTER),
        Wait("aws_route.*_internet", "aws_eks_node_group.*", "nodes could pull no image"),
        *(
            Wait(f"aws_eks_addon.{name}", "aws_eks_node_group.*", "nodes would not become ready", where=_CLUSTER)
            for name in _ON_EACH_NODE
        ),
        *(
            Wait("aws_eks_node_group.*", f"aws_eks_addon.{name}", "it would time out as DEGRADED", where=_CLUSTER)
            for name in _DEPLOYED
        ),
    ),
    "platform": (
        Wait("kubernetes_secret_v1.database", "kubernetes_job_v1.database", "it would have no password"),
        Wait("kubernetes_config_map_v1.rds_ca", "kubernetes_job_v1.database", "it could not verify RDS"),
        Wait(
            "kubernetes_network_policy_v1.database_job",
            "kubernetes_job_v1.database",
            "it would be refused DNS and the database",
        ),
        Wait("kubernetes_job_v1.database", "helm_release.airflow", "its pods would wait in vain for the migration"),
        Wait("kubernetes_storage_class_v1.gp3", "helm_release.airflow", "its volumes would have no class"),
        Wait("kubernetes_network_policy_v1.default_deny", "helm_release.airflow", "pods would start unrestricted"),
        Wait("kubernetes_secret_v1.*", "helm_release.airflow", "its pods would not start"),
        Wait("helm_release.airflow", _INGRESS, "the load balancer would have nothing to send to", where=_INGRESS),
        Wait(
            "helm_release.load_balancer_controller",
            _INGRESS,
            "nobody would make the load balancer, or delete it",
            where=_INGRESS,
        ),
        Wait("kubernetes_network_policy_v1.keda", _KEDA, "its pods would start unrestricted", where=_KEDA),
        Wait(_KEDA, "helm_release.airflow", "ScaledObjects would be unknown, and on destroy stay", where=_KEDA),
        Wait("kubernetes_network_policy_v1.karpenter", _KARPENTER, "its pods would start unrestricted", where=_POOLS),
        Wait("helm_release.karpenter_crd", _KARPENTER, "the kinds that it watches would be unknown", where=_POOLS),
        Wait(_KARPENTER, _POOLS, "on destroy nobody would end the nodes", where=_POOLS),
        Wait(_POOLS, "helm_release.airflow", "its pods would have no nodes, and on destroy hold them", where=_POOLS),
        Wait("helm_release.airflow", "kubernetes_job_v1.fernet*", "running pods could not read what it encrypts"),
    ),
}


def out_of_order(stack: SynthesizedStack, waits: Sequence[Wait]) -> Iterator[str]:
    """Yield what is missing, and what doesn't wait."""
    for wait in waits:
        if wait.where and not _like(stack, wait.where):
            continue
        for pattern in (wait.first, wait.then):
            if "*" not in pattern and not _like(stack, pattern):
                yield f"{pattern} is missing"
        first_ones = _like(stack, wait.first)
        for then in _like(stack, wait.then):
            known = stack.blocks[then].get("depends_on", ())
            for first in first_ones:
                if first not in known:
                    yield f"{then} does not wait for {first}: {wait.why}"


def why(stack: str, first: str, then: str) -> str | None:
    """Return what goes wrong if `then` doesn't wait for `first`; None if no rule says."""
    found = (
        wait.why for wait in ORDER.get(stack, ()) if fnmatchcase(first, wait.first) and fnmatchcase(then, wait.then)
    )
    return next(found, None)


def comes_up_and_goes_down_in_order(stack: SynthesizedStack) -> Iterator[str]:
    """Nodes before what runs on them, secrets and migration before Airflow; the reverse on destroy."""
    return out_of_order(stack, ORDER[stack.name])


def _like(stack: SynthesizedStack, pattern: str) -> list[str]:
    if "*" not in pattern:
        return [pattern] if pattern in stack.blocks else []
    return [address for address in stack.addresses if fnmatchcase(address, pattern)]
