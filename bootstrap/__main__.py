"""`python -m bootstrap`: what workflows need before they can deploy an environment, made once by an administrator."""

from __future__ import annotations

import programs  # noqa: F401  # first: imports of constructs start Node.js

# isort: split

import dataclasses
from pathlib import Path
from typing import Annotated

import typer
from constructs.naming.names import BOOTSTRAP
from typer.main import get_command

from bootstrap.deployment import Bootstrapping
from bootstrap.section import NotDeliveredError, section
from ops.console.errors import OperationError
from ops.console.exit_codes import ExitCode
from ops.frame.session import EnvFile, EnvName, Session, operate
from ops.workflows.delivered import require_environments_apart

EPILOG = (
    "Exit codes: 0 done or nothing to do; 1 Terraform or AWS failed; 2 a mistake in file, arguments or credentials; "
    "3 something needs a decision; 130 interrupted."
)
Yes = Annotated[bool, typer.Option("--yes", help="Apply without showing the plan and asking.")]
LocalState = Annotated[
    Path | None,
    typer.Option(
        help="File of the state as long as there is no bucket for it; default: state/<name>/bootstrap.tfstate.",
        show_default=False,
    ),
]
Unlock = Annotated[
    str | None, typer.Option(help="ID of a lock that a killed run has left on the state.", show_default=False)
]


def bootstrap(
    env: EnvName = None,
    env_file: EnvFile = None,
    *,
    yes: Yes = False,
    local_state: LocalState = None,
    unlock: Unlock = None,
) -> None:
    """Make state bucket, GitHub's OIDC provider and the roles of the workflows, for one environment.

    The state is a file at first and then moves into the bucket. Run it again at any time: it goes on where it
    stopped, and changes nothing where nothing is to change.
    """

    def work(session: Session) -> ExitCode:
        operated = session.operated
        try:
            delivery = section(operated.environment)
        except NotDeliveredError as mistake:
            raise OperationError(str(mistake), exit_code=ExitCode.MISTAKE) from mistake
        require_environments_apart(operated.environment, operated.root)
        # Beside the two stacks' folder: synthesizing into one folder removes what isn't synthesized with it.
        outdir = operated.outdir.with_name(f"{operated.outdir.name}.{BOOTSTRAP}")
        own = dataclasses.replace(operated, outdir=outdir, environ={**operated.environ, "CDKTF_OUTDIR": str(outdir)})
        file = local_state or own.root / "state" / own.name / f"{BOOTSTRAP}.tfstate"
        return Bootstrapping(
            operated=own,
            delivery=delivery,
            output=session.output,
            file=file.absolute(),
            approved=yes,
            unlock=unlock,
        ).run()

    operate(work, env=env, env_file=env_file)


def main() -> None:
    """Run the command."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command(epilog=EPILOG)(bootstrap)
    get_command(app)(prog_name="python -m bootstrap")


if __name__ == "__main__":
    main()
