"""Waiting for Karpenter to end its nodes, or ending them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ops.console.errors import NotFoundError, OperationError
from ops.console.exit_codes import ExitCode
from ops.console.pages import Page
from ops.destruction.waiting import wait_until_gone
from ops.stack_clients.kubernetes import Kubernetes
from ops.unrecorded.leftover import Leftover

#: What stands for nodes, and holds on until they are gone, in Karpenter's API.
_HOLDING = ("/apis/karpenter.sh/v1/nodeclaims", "/apis/karpenter.k8s.aws/v1/ec2nodeclasses")


def wait_for_karpenter(kubernetes: Kubernetes, say: Callable[[str], None], patience: float) -> None:
    """Wait until Karpenter has let go of what an earlier run has deleted: Terraform would not, and take Karpenter away.

    Helm forgets a release whose objects it has waited for in vain.

    Raises:
        OperationError: something is still there, or Kubernetes doesn't answer.
    """
    left = wait_until_gone(lambda: list(_leaving(kubernetes)), say, patience, what="objects of Karpenter's")
    if left:
        names = ", ".join(f"{item.kind} {item.identifier}" for item in left)
        raise OperationError(
            f"Karpenter has not let go of {names}, which are deleted, within {patience / 60:.0f} minutes. Nothing was "
            "destroyed: without Karpenter their nodes would run on.",
            fix="kubectl describe says what holds them, most often a pod that does not end; then destroy again. If "
            "Karpenter does not run: python -m ops destroy --abandon-platform, which ends the nodes itself",
            page=Page.DESTROY_STOPPED,
        )


def _leaving(kubernetes: Kubernetes) -> Iterator[Leftover]:
    for path in _HOLDING:
        try:
            found = kubernetes.get(path)
        except NotFoundError:  # Karpenter's definitions are not there
            continue
        for item in found["items"]:
            if item["metadata"].get("deletionTimestamp"):
                name = item["metadata"]["name"]
                yield Leftover(item.get("kind") or path.rpartition("/")[2], name, "", f"kubectl describe {name}")


def clear_nodes(
    look: Callable[[], list[Leftover]],
    remove: Callable[[Leftover], bool] | None,
    say: Callable[[str], None],
    patience: float,
) -> None:
    """See that no node that Karpenter has started is there any more: `remove` them, if that may be, and wait for it.

    Raises:
        OperationError: some are left, which keep the network and cost money.
    """
    left = look()
    if remove is not None:
        for node in left:
            remove(node)
    if left and (remove is not None or not any(node.free for node in left)):
        left = list(wait_until_gone(look, say, patience, what="nodes"))
    if left:
        names = "\n".join(f"  {node.identifier} ({node.evidence})\n    {node.command}" for node in left)
        raise OperationError(
            f"Karpenter has left {len(left)} nodes, which keep the network from going and cost money:\n{names}",
            fix="end them, then destroy again; or destroy with --sweep, which ends them",
            page=Page.DESTROY_STOPPED,
            exit_code=ExitCode.DECISION,
        )
