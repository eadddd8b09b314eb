"""Nodes that Karpenter has started, where no Karpenter is left to end them, or none would be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from constructs.cluster.karpenter_names import NAMESPACE
from constructs.settings.document.problems import shown

from ops.clients.aws import Aws
from ops.console.errors import OperationError
from ops.console.exit_codes import ExitCode
from ops.console.pages import Page
from ops.environment.operated import OperatedEnvironment
from ops.recovery.finding import Finding, Repair
from ops.state.reading import StackState, read_state
from ops.unrecorded.account import Clients
from ops.unrecorded.nodes import NODE, nodes

#: Address of its release.
RELEASE = "helm_release.karpenter"


class Deploys(NamedTuple):
    """The commands of a way to deploy."""

    platform: str
    both: str


BY_OPS = Deploys("python -m ops deploy --stack platform", "python -m ops deploy")
BY_MAKE = Deploys("make deploy STACKS=platform", "make deploy")


def stray_nodes(stack: str, cluster: str, clients: Clients, platform: StackState) -> Iterator[Finding]:
    """Nodes that run while the state of `platform` knows no Karpenter: nobody ends them."""
    if platform.attributes(RELEASE):
        return
    for node in nodes(cluster, clients):
        yield Finding(
            stack=stack,
            what=NODE,
            identifier=node.identifier,
            evidence=f"started by Karpenter, {node.evidence}, and no state knows of a Karpenter",
            repair=Repair.DECIDE,
            advice=f"Deploy platform: its Karpenter ends what is not needed. Or end it: {node.command}",
            stops=False,
        )


def require_pools_gone(
    operated: OperatedEnvironment, aws: Aws, infrastructure: str, *, deploy: Deploys = BY_OPS
) -> None:
    """Refuse to take Karpenter's role away while Karpenter is there: its nodes would run on for good.

    `infrastructure`: text of that stack's state. `deploy`: how whoever asks deploys platform alone, and then both.

    Raises:
        OperationError: the file has no node pools any more, and platform still has Karpenter; says what is first. Or
            the state of platform can't be read.
    """
    if operated.environment.cluster.node_pools or f'"{NAMESPACE}"' not in infrastructure:
        return
    if read_state(operated, "platform", aws).attributes(RELEASE):
        raise OperationError(
            f"{shown(operated.file)}: cluster.node_pools is not there any more, and Karpenter still runs: without its "
            "role in AWS, which goes with infrastructure, it could not end its nodes. Nothing was applied.",
            fix=f"in two steps: {deploy.platform}, which ends them and waits for it; then {deploy.both}",
            page=Page.NODE_POOLS,
            exit_code=ExitCode.DECISION,
        )
