"""What becomes of an exception that nobody has foreseen: one line and exit code 1, instead of a traceback.

What people can do something about is caught where it is understood, and has words of its own. This is for the rest.
"""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from pathlib import Path
from types import TracebackType

from programs.own_tools import ROOT

#: The argument that shows the traceback, of any program.
ARGUMENT = "--traceback"
#: The variable that does the same, also for what a program starts: cdktf starts main.py without arguments.
VARIABLE = "AIRFLOW_TRACEBACK"
#: Characters of an exception's own text.
LONGEST = 300


def install() -> None:
    """Take the place of Python's own last resort for this process, and the argument from those of the program."""
    if ARGUMENT in sys.argv[1:]:
        sys.argv.remove(ARGUMENT)
        os.environ[VARIABLE] = "1"
    sys.excepthook = _end
    unraisable = sys.unraisablehook

    def hook(raised: sys.UnraisableHookArgs) -> None:
        # At the very end a pipe's other side is gone: a reader such as `head`, or jsii's Node.js after Ctrl-C.
        if raised.exc_type is not BrokenPipeError:
            unraisable(raised)

    sys.unraisablehook = hook


def wants_traceback() -> bool:
    """Whether somebody asked for tracebacks."""
    return bool(os.environ.get(VARIABLE))


def in_one_line(error: BaseException) -> str:
    """What happened, where, and how to see more of it."""
    said = " ".join(str(error).split())
    text = f"{type(error).__name__}: {said}" if said else type(error).__name__
    return (
        f"Not foreseen: {text[:LONGEST]}{_place(error.__traceback__)}. A defect of this project, or of the machine; "
        f"{ARGUMENT} or {VARIABLE}=1 shows the traceback, for a report."
    )


def _place(trace: TracebackType | None) -> str:
    """The innermost line of the project's own."""
    frames = [frame for frame in traceback.extract_tb(trace) if Path(frame.filename).is_relative_to(ROOT)]
    own = [frame for frame in frames if "site-packages" not in frame.filename]
    return f" ({Path(own[-1].filename).relative_to(ROOT)}:{own[-1].lineno})" if own else ""


def _end(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Say it, as `sys.excepthook`; Python then ends with 1, or after Ctrl-C by that signal."""
    if issubclass(kind, BrokenPipeError):
        # Nobody reads what is still to be printed; without this Python complains of it once more.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    elif wants_traceback():
        sys.__excepthook__(kind, error, trace)
    elif issubclass(kind, KeyboardInterrupt):
        sys.stderr.write("Interrupted.\n")
    else:
        sys.stderr.write(f"{in_one_line(error.with_traceback(trace))}\n")
