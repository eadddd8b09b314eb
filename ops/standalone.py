"""The frame of commands that work on no single environment."""

from __future__ import annotations

from collections.abc import Callable

import typer

from ops.errors import OperationError
from ops.exit_codes import ExitCode
from ops.output import Output


def standalone(work: Callable[[Output], ExitCode], *, as_json: bool = False) -> None:
    """Do the work of a command and end with its exit code; errors are printed in a few lines, without a traceback.

    Raises:
        typer.Exit: always.
    """
    output = Output(as_json=as_json)
    try:
        code = work(output)
    except OperationError as error:
        output.error(error)
        code = error.exit_code
    except OSError as error:
        output.error(OperationError(f"The machine refused: {error}"))
        code = ExitCode.FAILED
    except KeyboardInterrupt:
        output.warn("Interrupted.")
        code = ExitCode.INTERRUPTED
    raise typer.Exit(int(code))
