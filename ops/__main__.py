"""`python -m ops`: what people run around an environment."""

from __future__ import annotations

import programs  # noqa: F401  # first: imports of constructs start Node.js

# isort: split

import importlib
import pkgutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from typer.main import get_command

from ops import commands

EPILOG = (
    "Exit codes: 0 done or nothing to do; 1 Terraform, AWS or Kubernetes failed; 2 a mistake in file, arguments or "
    "credentials, or refused by a guard; 3 something needs a decision; 4 the cluster is not reached from here: what "
    "needs it was not done; 130 interrupted."
)


def application() -> typer.Typer:
    """Return the command line with all commands of `ops.commands`."""
    app = typer.Typer(
        help="Operate an environment of Airflow on EKS: inspect it, deploy, recover, rotate, destroy.",
        epilog=EPILOG,
        no_args_is_help=True,
        add_completion=False,
        # With --traceback a defect of ours shows Python's own: without values of variables, secrets among them.
        pretty_exceptions_enable=False,
    )
    app.callback()(_together)
    others = sorted({found.name for found in pkgutil.iter_modules(commands.__path__)}.difference(commands.FOR_PEOPLE))
    for module in (*commands.FOR_PEOPLE, *others):
        importlib.import_module(f"{commands.__name__}.{module}").register(app)
    return app


def _together(
    *,
    traceback: Annotated[  # for --help: `programs` has taken it from the arguments, wherever it stood
        bool, typer.Option("--traceback", help="Of a failure that was not foreseen, show all.")
    ] = False,
    with_terraform_log: Annotated[  # the same
        bool, typer.Option("--with-terraform-log", help="Leave TF_LOG as it is set: its log shows secret values.")
    ] = False,
) -> None:
    """Make typer take the first word as a command, also where there is only one."""


def main() -> None:
    """Run the command that the arguments name."""
    with _loading():
        app = application()
    get_command(app)(prog_name="python -m ops")  # typer's own call would take the last resort's place


@contextmanager
def _loading() -> Iterator[None]:
    """Say at once that a command has begun: loading what all of them need may take seconds."""
    end = "\r" if sys.stderr.isatty() else "\n"
    print("... loading", end=end, file=sys.stderr, flush=True)
    yield
    if sys.stderr.isatty():
        print("\033[K", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
