"""Nodes that Karpenter has started, where no Karpenter is left to end them, or none would be."""

from __future__ import annotations

from collections.abc import Iterator

from constructs.cluster.karpenter_names import NAMESPACE

from ops.console.errors import OperationError
from ops.console.exit_codes import ExitCode
from ops.frame.session import Session
from ops.recovery.finding import Finding, Repair
from ops.state.reading import StackState, read_state
from ops.unrecorded.account import Clients
from ops.unrecorded.nodes import NODE, nodes

#: Address of its release.
RELEASE = "helm_release.karpenter"


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


def require_pools_gone(session: Session, infrastructure: str) -> None:
    """Refuse to take Karpenter's role away while Karpenter is there: its nodes would run on for good.

    `infrastructure`: text of that stack's state.

    Raises:
        OperationError: the file has no node pools any more, and platform still has Karpenter; says what is first.
    """
    operated = session.operated
    if operated.environment.cluster.node_pools or f'"{NAMESPACE}"' not in infrastructure:
        return
    if read_state(operated, "platform", session.aws).attributes(RELEASE):
        raise OperationError(
            "The environment file has no cluster.node_pools any more, and Karpenter still runs: without its role in "
            "AWS it could not end its nodes. Nothing was applied.",
            fix="python -m ops deploy --stack platform, which ends them and waits for it; then python -m ops deploy",
            exit_code=ExitCode.DECISION,
        )
