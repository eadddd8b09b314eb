"""Whether a state waits to be written: asked before Terraform works on the one that is stored."""

from __future__ import annotations

from ops.console.errors import OperationError
from ops.console.exit_codes import ExitCode
from ops.console.pages import Page
from ops.stack_clients.terraform import Terraform
from ops.state.kept_state import keep, waiting_states


def require_none(terraform: Terraform, stack: str) -> None:
    """Refuse to work on a state beside which a newer one waits: both would go on from there.

    Raises:
        OperationError: there is one.
    """
    if terraform.keep_in is None:
        return
    keep(terraform.folder, terraform.keep_in, stack)
    if waiting := waiting_states(terraform.folder, terraform.keep_in, stack):
        raise OperationError(
            f"{stack}: a state that Terraform could not write is kept in {waiting[-1]}. Nothing was done.",
            fix="python -m ops recover, which writes it first",
            page=Page.UNWRITTEN_STATE,
            exit_code=ExitCode.DECISION,
        )
