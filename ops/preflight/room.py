"""Whether the pods find room on the nodes that there are, or on those that the deploy starts with."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce

from constructs.capacity.fit import Fit
from constructs.capacity.remarks import Gravity, findings
from constructs.settings.environment import Environment

from ops.clients.aws import Aws, readable
from ops.console.errors import NotFoundError
from ops.console.pages import Page
from ops.preflight.check import Check, ok, problem, unknown

SUBJECT = "room for the pods"


def check_room(fit: Fit, aws: Aws, cluster: str) -> Check:
    """Whether all pods find a node.

    Raises:
        OperationError: EKS does not say how many nodes there are.
    """
    return judge(fit, sizes(fit.environment, aws, cluster))


def sizes(environment: Environment, aws: Aws, cluster: str) -> Mapping[str, int]:
    """Return how many nodes the groups have that exist: people and scalers change that beside Terraform.

    Raises:
        OperationError: EKS does not say.
    """
    found = {}
    for name in environment.cluster.node_groups:
        try:
            with readable(f"look at the node group {name}"):
                group = aws.client("eks").describe_nodegroup(clusterName=cluster, nodegroupName=name)["nodegroup"]
        except NotFoundError:
            continue
        found[name] = int(group["scalingConfig"]["desiredSize"])
    return found


def judge(fit: Fit, running: Mapping[str, int]) -> Check:
    """The check, with so many nodes in groups that exist; the others start with the file's number."""
    if fit.unknown:
        return unknown(SUBJECT, f"what {', '.join(fit.unknown)} carries is not known to this version of the project")
    groups = fit.environment.cluster.node_groups
    there = {name: max(groups[name].min_size, min(size, groups[name].max_size)) for name, size in running.items()}
    now = reduce(lambda so_far, group: so_far.with_size(*group), there.items(), fit)
    found = {finding.gravity: finding for finding in reversed(findings(now))}
    if waiting := found.get(Gravity.WAITING):
        return problem(SUBJECT, waiting.said, f"{waiting.key}: {waiting.fix}", Page.ROOM)
    if tight := found.get(Gravity.NO_RESERVE):
        return ok(SUBJECT, f"without a reserve: {tight.said}")
    return ok(SUBJECT, f"all find a node: {now.nodes(largest=False)}")
