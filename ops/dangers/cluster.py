"""The cluster: who reaches its API, what it records, what its nodes let pods do, and when pods lose their node."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ops.dangers.ranges import grown
from ops.dangers.resource_change import ResourceChange
from ops.dangers.rules import (
    Rule,
    changed,
    differ,
    exchanged,
    given,
    given_up,
    gone,
    is_true,
    lowered,
    members,
    not_any_more,
    number,
    put_on,
    raised,
    switched_off,
    switched_on,
    taken_off,
)
from ops.plan_report.danger import Danger, Kind, danger
from ops.plan_report.report import Action

_VPC = "vpc_config"
#: What EKS takes where the file says nothing.
_EVERYWHERE = "0.0.0.0/0"


def _endpoint(change: ResourceChange) -> Iterator[Danger]:
    """The API's public endpoint: the ranges that reach it and did not; that it is closed."""
    before, after = _reached_from(change.before), _reached_from(change.after)
    yield from grown("the Kubernetes API is reached from", before, after)
    if change.has_both and before and not after:
        yield danger(Kind.INTERRUPTS, "the Kubernetes API is reached from within the VPC only", before, after)


def _reached_from(cluster: object) -> list[str]:
    block = cluster.get(_VPC) if isinstance(cluster, dict) else None
    config = block[0] if isinstance(block, list) and block else block
    # EKS has the endpoint public where nothing is said.
    if not isinstance(config, dict) or not is_true(config.get("endpoint_public_access", True)):
        return []
    return members(config.get("public_access_cidrs")) or [_EVERYWHERE]


def _network_policies(change: ResourceChange) -> Iterator[Danger]:
    """The VPC CNI enforces the cluster's network policies where it is told to."""
    before, after = (str(side.get("configuration_values") or "") for side in (change.before, change.after))
    if change.has_both and _enforced(before) and not _enforced(after):
        yield danger(Kind.OPENS, "network policies hold no more", before, after)


def _enforced(values: str) -> bool:
    try:
        return is_true(json.loads(values).get("enableNetworkPolicy"))
    except (ValueError, AttributeError):
        return False


#: What a node group is made anew for, or rolled: one node after the other.
_ROLLED_BY = {
    "version": "another Kubernetes version",
    "release_version": "another machine image",
    "launch_template.version": "another launch template version",
    "launch_template.id": "another launch template",
}


def _rolled(change: ResourceChange) -> Iterator[Danger]:
    if change.action is Action.REPLACE:
        said = "replaced: its nodes go, and the pods on them are stopped and started elsewhere"
        yield Danger(kind=Kind.INTERRUPTS, what=f"{said}; {change.reason}" if change.reason else said)
    if change.action is not Action.CHANGE:
        return
    for path, what in _ROLLED_BY.items():
        before, after = change.was(path), change.becomes(path)
        if differ(before, after):
            said = f"its nodes are replaced one after the other, and the pods on them move: {what}"
            yield danger(Kind.INTERRUPTS, said, before, after)


def _fewer(change: ResourceChange) -> Iterator[Danger]:
    """Limits that take nodes away at once: EKS holds to them whatever runs."""
    if not change.has_both:
        return
    running, most = number(change.was("scaling_config.desired_size")), number(change.becomes("scaling_config.max_size"))
    if running is not None and most is not None and most < running:
        said = "nodes go at once, and the pods on them move"
        yield danger(Kind.INTERRUPTS, said, f"{running:g} nodes", f"at most {most:g}")


CLUSTER: dict[str, tuple[Rule, ...]] = {
    "aws_eks_cluster": (
        _endpoint,
        switched_off(f"{_VPC}.endpoint_private_access", "nodes reach the API over the Internet", Kind.OPENS),
        put_on(f"{_VPC}.security_group_ids", "more security groups let somebody in", Kind.OPENS),
        not_any_more("access_config.authentication_mode", "API", "the ConfigMap aws-auth lets people in", Kind.OPENS),
        switched_on(
            "access_config.bootstrap_cluster_creator_admin_permissions",
            "who makes the cluster administers it",
            Kind.OPENS,
            created=True,
        ),
        taken_off("enabled_cluster_log_types", "the control plane logs less"),
        given_up("encryption_config", "Kubernetes secrets are encrypted without the environment's key"),
        exchanged("encryption_config.provider.key_arn", "another key encrypts Kubernetes secrets", Kind.WEAKENS),
        switched_off("deletion_protection", "the cluster can be deleted"),
        changed("version", "the control plane gets another Kubernetes version", Kind.INTERRUPTS),
        changed("upgrade_policy.support_type", "AWS upgrades the version at another time", Kind.INTERRUPTS),
    ),
    "aws_eks_node_group": (
        _rolled,
        _fewer,
        gone("its nodes go, and the pods on them", Kind.INTERRUPTS, actions=(Action.DESTROY,)),
        lowered("scaling_config.min_size", "fewer nodes are kept at all times"),
        lowered("scaling_config.max_size", "there can be fewer nodes"),
        raised("update_config.max_unavailable", "more nodes are replaced at the same time", Kind.INTERRUPTS),
        raised("update_config.max_unavailable_percentage", "more nodes are replaced at the same time", Kind.INTERRUPTS),
        not_any_more("capacity_type", "ON_DEMAND", "AWS may take the nodes back, two minutes ahead", Kind.INTERRUPTS),
        switched_off("node_repair_config.enabled", "nodes that don't work are replaced no more"),
        taken_off("subnet_ids", "the nodes are in fewer subnets"),
        given("remote_access", "nodes can be entered with SSH", Kind.OPENS),
        changed("taint", "other pods are let on the nodes, or none", Kind.INTERRUPTS),
        changed("labels", "pods that ask for a label find other nodes, or none", Kind.INTERRUPTS),
    ),
    "aws_launch_template": (
        not_any_more(
            "metadata_options.http_tokens", "required", "a forged request gets the node's credentials", Kind.OPENS
        ),
        raised("metadata_options.http_put_response_hop_limit", "pods get the node's credentials", Kind.OPENS),
        switched_off("block_device_mappings.ebs.encrypted", "the nodes' volumes are not encrypted", created=True),
        changed("block_device_mappings.ebs.kms_key_id", "another key encrypts the nodes' volumes", Kind.WEAKENS),
        switched_on(
            "network_interfaces.associate_public_ip_address", "nodes get a public address", Kind.OPENS, created=True
        ),
        given("key_name", "nodes can be entered with SSH", Kind.OPENS),
        changed("user_data", "nodes run something else when they start", Kind.OPENS),
        changed("image_id", "nodes have another machine image", Kind.INTERRUPTS),
        put_on("vpc_security_group_ids", "more security groups let somebody in", Kind.OPENS),
    ),
    "aws_eks_addon": (
        gone("what it does in the cluster stops", Kind.INTERRUPTS),
        _network_policies,
        changed("pod_identity_association.role_arn", "it acts with another role", Kind.OPENS),
        changed("addon_version", "its pods are replaced one after the other", Kind.INTERRUPTS),
    ),
}
