"""`python -m bootstrap` on a local AWS endpoint."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.emulator import Emulator
from tests.ops.operated import RunningCommand
from tests.terraform.account import ADMINISTRATOR, client, prepare_account
from tests.terraform.toolchain import Toolchain
from tests.terraform.workspace import Workspace


@dataclass(frozen=True)
class Trial:
    """An environment file and an account in which an administrator works."""

    workspace: Workspace
    aws: Emulator

    @property
    def state_file(self) -> Path:
        """The state before it moves."""
        return self.workspace.folder / "state" / "prod" / "bootstrap.tfstate"

    def _command(self, arguments: tuple[str, ...], **environ: str) -> list[str]:
        variables = {"CDKTF_OUTDIR": str(self.workspace.outdir), **environ}
        assignments = [f"{name}={text}" for name, text in variables.items()]
        return [
            "env",
            *assignments,
            sys.executable,
            "-m",
            "bootstrap",
            "--local-state",
            str(self.state_file),
            *arguments,
        ]

    def run(self, *arguments: str, **environ: str) -> tuple[int, str]:
        """Run the command; return its exit code and what it said."""
        done = self.workspace.run(*self._command(arguments, **environ), check=False)
        return done.returncode, done.stdout

    @contextmanager
    def running(self, *arguments: str) -> Iterator[RunningCommand]:
        """The running command; it is ended with the block, with all that it has started."""
        with self.workspace.start(*self._command(arguments)) as process:
            running = RunningCommand(process)
            try:
                yield running
            finally:
                if process.poll() is None:
                    running.kill()


@contextmanager
def trial(toolchain: Toolchain, file: Path) -> Iterator[Trial]:
    """An environment file in an account of its own, which has an administrator and nothing else."""
    with Emulator() as aws:
        prepare_account(aws)
        yield in_account(aws, toolchain, file)


def in_account(aws: Emulator, toolchain: Toolchain, file: Path) -> Trial:
    """An environment file in an account, with the AWS provider of the tests beside the stack to come."""
    role = f"arn:aws:iam::{aws.account_id}:role/{ADMINISTRATOR}"
    session = client(aws, "sts").assume_role(RoleArn=role, RoleSessionName="you")["Credentials"]
    credentials = {
        "AWS_ACCESS_KEY_ID": session["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": session["SecretAccessKey"],
        "AWS_SESSION_TOKEN": session["SessionToken"],
    }
    workspace = Workspace(toolchain, file.parent, file, aws.environment() | credentials, local_state=False)
    stack = workspace.outdir.with_name(f"{workspace.outdir.name}.bootstrap") / "stacks" / "bootstrap"
    stack.mkdir(parents=True)
    override = {"terraform": {"required_providers": toolchain.required_providers("bootstrap")}}
    (stack / "override.tf.json").write_text(json.dumps(override), encoding="utf-8")
    return Trial(workspace, aws)
