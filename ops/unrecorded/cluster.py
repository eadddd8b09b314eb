"""EKS: the cluster and what belongs to it, by EKS's own list calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ops.unrecorded.account import Account
from ops.unrecorded.declared import Declared
from ops.unrecorded.finding import Found

_GONE = frozenset({"DELETING"})


def tagged(account: Account) -> Iterator[Found]:
    """The cluster, node groups, add-ons, access entries and pod identity associations that carry the stack's tags."""
    eks = account.client("eks")
    for name in account.list("eks", "list_clusters", "clusters"):
        if name != account.prefix:
            continue
        cluster = eks.describe_cluster(name=name)["cluster"]
        if found := _found(account, "aws_eks_cluster", cluster, name, f"cluster {name}"):
            yield found
            yield from _parts(account, eks, name)


def _parts(account: Account, eks: Any, cluster: str) -> Iterator[Found]:
    for name in account.list("eks", "list_nodegroups", "nodegroups", clusterName=cluster):
        group = eks.describe_nodegroup(clusterName=cluster, nodegroupName=name)["nodegroup"]
        if found := _found(account, "aws_eks_node_group", group, f"{cluster}:{name}", f"node group {name}"):
            yield found
    for name in account.list("eks", "list_addons", "addons", clusterName=cluster):
        addon = eks.describe_addon(clusterName=cluster, addonName=name)["addon"]
        if found := _found(account, "aws_eks_addon", addon, f"{cluster}:{name}", f"add-on {name}"):
            yield found
    for principal in account.list("eks", "list_access_entries", "accessEntries", clusterName=cluster):
        entry = eks.describe_access_entry(clusterName=cluster, principalArn=principal)["accessEntry"]
        identifier = f"{cluster}:{principal}"
        if found := _found(account, "aws_eks_access_entry", entry, identifier, f"access entry of {principal}"):
            yield found
    for item in account.list("eks", "list_pod_identity_associations", "associations", clusterName=cluster):
        number, user = item["associationId"], f"{item['namespace']}/{item['serviceAccount']}"
        association = eks.describe_pod_identity_association(clusterName=cluster, associationId=number)["association"]
        identifier, what = f"{cluster},{number}", f"pod identity association of {user}"
        if found := _found(account, "aws_eks_pod_identity_association", association, identifier, what):
            yield found


def _found(account: Account, kind: str, item: dict[str, Any], import_id: str, what: str) -> Found | None:
    address = account.address(kind, item.get("tags") or {})
    if address is None or item.get("status") in _GONE:
        return None
    return Found(address, import_id, f"{what} carries the tag Address")


def children(account: Account, declared: Declared) -> Iterator[Found]:
    """Access policies, which carry no tags, of access entries."""
    for address, association in declared.each("aws_eks_access_policy_association"):
        policy = association["policy_arn"]
        entries = [
            identifier.partition(":")
            for entry, _ in declared.each("aws_eks_access_entry")
            for identifier in declared.objects.get(entry, ())
        ]
        principals = declared.values(association["principal_arn"])
        for cluster, _, principal in entries:
            if principal not in principals:
                continue
            associated = account.list(
                "eks",
                "list_associated_access_policies",
                "associatedAccessPolicies",
                clusterName=cluster,
                principalArn=principal,
            )
            if any(item["policyArn"] == policy for item in associated):
                evidence = f"access entry of {principal} has the policy {policy.rpartition('/')[2]}"
                yield Found(address, f"{cluster}#{principal}#{policy}", evidence)
