"""The frame of every command: errors in words, and exit codes."""

from __future__ import annotations

from collections.abc import Callable

import typer
from botocore import exceptions

from ops.clients.aws_refusals import explain
from ops.console.errors import OperationError
from ops.console.exit_codes import ExitCode
from ops.console.output import Output
from programs.last_resort import in_one_line, wants_traceback


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
    except KeyboardInterrupt:
        output.warn("Interrupted.")
        code = ExitCode.INTERRUPTED
    except BrokenPipeError:  # nobody reads any more: `programs` ends it without a word
        raise
    except Exception as error:
        if wants_traceback():
            raise
        explained = _explained(error)
        output.error(explained)
        code = explained.exit_code
    raise typer.Exit(int(code))


def _explained(error: Exception) -> OperationError:
    """What was caught nowhere nearer."""
    if isinstance(error, exceptions.BotoCoreError | exceptions.ClientError):
        return explain(error, "do this")
    if isinstance(error, OSError):  # a disk that is full, a file that is not ours
        return OperationError(f"The machine refused: {error}")
    return OperationError(in_one_line(error))
