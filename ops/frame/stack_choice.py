"""The option `--stack`."""

from __future__ import annotations

from typing import Annotated

import typer

from ops.console.errors import OperationError
from ops.console.exit_codes import ExitCode
from ops.environment.operated import STACKS

StackName = Annotated[
    str | None,
    typer.Option("--stack", help="One stack alone: infrastructure or platform. Default: both.", show_default=False),
]


def chosen(stack: str | None) -> tuple[str, ...]:
    """Return the stacks that the option names, in the order of their deployment.

    Raises:
        OperationError: there is no such stack.
    """
    if stack is None:
        return STACKS
    if stack not in STACKS:
        raise OperationError(
            f"There is no stack {stack}.", fix=f"one of: {', '.join(STACKS)}", exit_code=ExitCode.MISTAKE
        )
    return (stack,)
