"""What every command gets, and the frame around it: options, errors, exit codes."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated

import typer

from ops.clients.aws import Aws
from ops.console.exit_codes import ExitCode
from ops.console.output import Output
from ops.environment.operated import OperatedEnvironment, load
from ops.frame.standalone import standalone
from ops.stack_clients.terraform import Terraform
from ops.state.bucket_lock import BucketLock
from ops.state.file_lock import FileLock
from ops.state.location import StateLocation, StateObject, state_location
from ops.state.reading import read_text

EnvName = Annotated[
    str | None,
    typer.Option("--env", help="Environment of environments/; default: AIRFLOW_ENV, else dev.", show_default=False),
]
EnvFile = Annotated[
    Path | None,
    typer.Option("--env-file", help="Environment file by its path; default: AIRFLOW_ENV_FILE.", show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout instead of text.")]

#: What is said to be going on while STS is asked; also that a command has begun.
WHO_CALLS = "asking AWS who calls"


@dataclass(frozen=True)
class Session:
    """The environment, AWS and the output of one run of a command."""

    operated: OperatedEnvironment
    output: Output

    @cached_property
    def aws(self) -> Aws:
        """The environment's account and region."""
        environment = self.operated.environment
        return Aws(environment.region, environment.account_id)

    def terraform(self, stack: str) -> Terraform:
        """Terraform in the folder of a stack; while it works on the state we hold the lock."""
        location = state_location(self.operated, stack)
        return Terraform(
            self.operated.stack_folder(stack),
            self.operated.environ,
            self._lock(stack, location),
            self.operated.keep_folder,
            lambda: read_text(location, self.aws)[0],
        )

    def _lock(self, stack: str, location: StateLocation) -> BucketLock | FileLock:
        if not isinstance(location, StateObject):
            return FileLock(stack=stack, location=location)
        return BucketLock(
            stack=stack,
            location=location,
            aws=self.aws,
            folder=self.operated.keep_folder,
            environ=self.operated.environ,
            warn=self.output.warn,
        )


def operate(
    work: Callable[[Session], ExitCode], *, env: str | None = None, env_file: Path | None = None, as_json: bool = False
) -> None:
    """Do the work of a command for the environment that the options name, and end with its exit code.

    What the user can do something about is printed in a few lines, without a traceback.

    Raises:
        typer.Exit: always.
    """
    standalone(lambda output: work(Session(load(os.environ, env=env, env_file=env_file), output)), as_json=as_json)
