"""Whether EKS would take the control plane back to the version before its last upgrade.

The conditions are those of the EKS user guide, "Roll back a cluster to a previous Kubernetes version": an upgrade in
place, at most seven days ago, of one minor version, nodes that are no newer than what the control plane goes back to,
and, for a version in extended support, the policy that pays for it. What EKS finds in the cluster itself beside these
(its insights ROLLBACK_READINESS) it checks when it is asked to go back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from constructs.settings.environment import Environment

from ops.clients.aws import Aws, readable
from ops.console.pages import Page
from ops.preflight.check import Check, ok, problem

#: From the end of the upgrade; reckoned from its start here, which EKS tells, so that it never ends sooner than said.
WINDOW = timedelta(days=7)
_VERSION_CHANGES = frozenset({"VersionUpdate", "VersionRollback"})


def check_rollback(aws: Aws, environment: Environment, cluster: Mapping[str, Any], subject: str) -> Check:
    """Whether the version that the file names, one below the one that runs, can be had again.

    Raises:
        OperationError: EKS doesn't say.
    """
    wanted, runs = environment.cluster.kubernetes_version, str(cluster["version"])
    keep, both = f'set cluster.kubernetes_version: "{runs}"', f"{runs} runs and the file says {wanted}"
    with readable(f"look at the upgrades of the cluster {cluster['name']}"):
        upgraded = _upgraded(aws, str(cluster["name"]), runs)
        newer = list(_newer_groups(aws, str(cluster["name"]), runs))
        extended = _is_extended(aws, wanted)
    if upgraded is None:
        return problem(
            subject,
            f"{both}: EKS goes back from an upgrade alone, and there was none to {runs}",
            keep,
            Page.KUBERNETES_BACK,
        )
    until = (upgraded + WINDOW).astimezone(UTC)
    if datetime.now(UTC) > until:
        return problem(
            subject,
            f"{both}: EKS goes back within seven days, which ended at {until:%Y-%m-%d %H:%M} UTC",
            keep,
            Page.KUBERNETES_BACK,
        )
    if newer:
        which = f"--region {environment.region} --cluster-name {cluster['name']} --kubernetes-version {wanted}"
        commands = "; ".join(f"aws eks update-nodegroup-version {which} --nodegroup-name {group}" for group in newer)
        return problem(subject, f"{both}: nodes go back first, {', '.join(newer)}", commands, Page.KUBERNETES_BACK)
    if extended and environment.cluster.upgrade_support != "extended":
        detail = f"{both}: {wanted} is in extended support, which EKS goes back to with its policy alone"
        first = f'{keep} and cluster.upgrade_support: extended, deploy, then "{wanted}"'
        return problem(subject, detail, first, Page.KUBERNETES_BACK)
    return ok(subject, f"{runs}, taken back to {wanted}, as EKS allows until {until:%Y-%m-%d %H:%M} UTC")


def _upgraded(aws: Aws, cluster: str, runs: str) -> datetime | None:
    """When the upgrade to the version that runs began; None where the version came in another way."""
    eks = aws.client("eks")
    updates = [
        eks.describe_update(name=cluster, updateId=number)["update"]
        for number in aws.pages("eks", "list_updates", "updateIds", name=cluster)
    ]
    changes = [item for item in updates if item["type"] in _VERSION_CHANGES and item["status"] == "Successful"]
    if not changes:
        return None
    last = max(changes, key=lambda item: item["createdAt"])
    to = {parameter["type"]: parameter["value"] for parameter in last.get("params", [])}
    came: datetime = last["createdAt"]
    return came if last["type"] == "VersionUpdate" and to.get("Version") == runs else None


def _newer_groups(aws: Aws, cluster: str, runs: str) -> Iterator[str]:
    """Node groups that run what the control plane does: newer than it would be."""
    eks = aws.client("eks")
    for name in aws.pages("eks", "list_nodegroups", "nodegroups", clusterName=cluster):
        group = eks.describe_nodegroup(clusterName=cluster, nodegroupName=name)["nodegroup"]
        if group.get("version") == runs:
            yield name


def _is_extended(aws: Aws, version: str) -> bool:
    """Whether EKS charges extra for a version."""
    known = aws.client("eks").describe_cluster_versions(clusterVersions=[version])["clusterVersions"]
    return any("EXTENDED" in str(item.get("versionStatus") or item.get("status")).upper() for item in known)
