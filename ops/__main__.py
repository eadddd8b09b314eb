"""`python -m ops`: what people run around an environment."""

from __future__ import annotations

import importlib
import os
import pkgutil

import typer

from ops import commands
from ops.own_tools import ROOT, own_tools

EPILOG = (
    "Exit codes: 0 done or nothing to do; 1 Terraform, AWS or Kubernetes failed; 2 a mistake in file, arguments or "
    "credentials, or refused by a guard; 3 something needs a decision; 130 interrupted."
)


def application() -> typer.Typer:
    """Return the command line with all commands of `ops.commands`."""
    app = typer.Typer(
        help="Operate an environment of Airflow on EKS: inspect it, deploy, recover, rotate, destroy.",
        epilog=EPILOG,
        no_args_is_help=True,
        add_completion=False,
        # A defect of ours shows Python's own traceback: without values of variables, secrets among them.
        pretty_exceptions_enable=False,
    )
    app.callback()(_together)
    for module in sorted(found.name for found in pkgutil.iter_modules(commands.__path__)):
        importlib.import_module(f"{commands.__name__}.{module}").register(app)
    return app


def _together() -> None:
    """Make typer take the first word as a command, also where there is only one."""


def main() -> None:
    """Run the command that the arguments name."""
    os.environ.update(own_tools(os.environ, ROOT))  # before the commands are imported, which start Node.js
    application()(prog_name="python -m ops")


if __name__ == "__main__":
    main()
