"""An environment that is worked on by the product's own commands."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.emulator import Emulator
from tests.terraform.account import ADMINISTRATOR, client
from tests.terraform.interruptions import PARALLELISM, STATE_BUCKET, unrecorded
from tests.terraform.interruptions_waves import environment
from tests.terraform.running import Running
from tests.terraform.toolchain import Toolchain
from tests.terraform.workspace import Workspace

STACK = ("--stack", "infrastructure")
#: The preflight would find dev's placeholders, which are no harm to an endpoint of this machine.
DEPLOY = ("deploy", *STACK, "--yes", "--skip-preflight")

#: Terraform waits for answers more than it works.
AT_ONCE: Mapping[str, str] = {"TF_CLI_ARGS_apply": f"-parallelism={PARALLELISM}"}
_NONE: Mapping[str, str] = {}


def descendants(pid: int) -> list[int]:
    """Process IDs of everything that a process has started, itself first."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            fields = (entry / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found = []
    waiting = [pid]
    while waiting:
        current = waiting.pop()
        found.append(current)
        waiting.extend(parents.get(current, ()))
    return found


class RunningCommand(Running):
    """A running command of `ops`."""

    end_seconds = 900.0

    def interrupt(self) -> None:
        """Ctrl-C: the terminal sends INT to the group of the command; Terraform is in another one."""
        os.kill(self.process.pid, signal.SIGINT)

    def kill(self) -> None:
        """KILL for the command, Terraform and the provider alike, as when their machine goes away.

        All are stopped before the first is killed, so that none sees another's end and does something about it.
        """
        pids = descendants(self.process.pid)
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, number)
        self.wait()


@dataclass(frozen=True)
class Operated:
    """The environment dev of which nothing exists yet, in an account of its own, and the commands."""

    workspace: Workspace
    aws: Emulator

    @property
    def kept(self) -> Path:
        """Where the commands keep what must not be lost: not in the checkout."""
        return self.workspace.folder / "kept" / "state"

    def _command(self, arguments: Sequence[str], variables: Mapping[str, str]) -> list[str]:
        settings = {
            "CDKTF_OUTDIR": str(self.workspace.outdir),
            "COLUMNS": "200",
            "AIRFLOW_KEEP_DIR": str(self.kept),
            **variables,
        }
        assignments = [f"{name}={value}" for name, value in settings.items()]
        synthesized = self.workspace.toolchain.synthesized or self.workspace.folder / "synthesized"
        remembered = ("-m", "tests.ops.remembered_synthesis", str(synthesized))
        return ["env", *assignments, sys.executable, *remembered, *arguments]

    def ops(self, *arguments: str, variables: Mapping[str, str] = _NONE) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, however it ends."""
        return self.workspace.run(*self._command(arguments, variables), check=False)

    @contextmanager
    def running(self, *arguments: str, variables: Mapping[str, str] = _NONE) -> Iterator[RunningCommand]:
        """A running command; it is ended with the block, with all that it has started."""
        with self.workspace.start(*self._command(arguments, variables)) as process:
            running = RunningCommand(process)
            try:
                yield running
            finally:
                if process.poll() is None:
                    running.kill()

    def done(self, *arguments: str, variables: Mapping[str, str] = _NONE) -> str:
        """Run a command that has to succeed (0); return what it said.

        Raises:
            CommandError: it ended otherwise.
        """
        return self.workspace.run(*self._command(arguments, variables)).stdout

    def recover(self) -> str:
        """`ops recover --yes`; return what it said."""
        return self.done("recover", *STACK, "--yes")

    def deploy(self) -> str:
        """`DEPLOY`, which has to succeed; return what it said."""
        return self.done(*DEPLOY, variables=AT_ONCE)

    def state(self) -> str:
        """The state's text."""
        return self.workspace.terraform("state", "pull").stdout

    def unrecorded(self) -> set[str]:
        """Addresses of what exists and is not in the state."""
        return {item.address for item in unrecorded(self.workspace, self.aws)}

    def passwords_differ(self) -> list[str]:
        """Databases that accept another password than the one that is stored."""
        stored = client(self.aws, "secretsmanager").get_secret_value(SecretId="airflow-dev/database")["SecretString"]
        return [name for name, accepted in self.aws.master_passwords().items() if accepted != stored]

    def inventory(self) -> list[str]:
        """What the account holds, but for what it held before and where the state lies."""
        return [
            line for line in self.aws.inventory() if STATE_BUCKET not in line and line != f"iam:role {ADMINISTRATOR}"
        ]


@contextmanager
def operated(toolchain: Toolchain, folder: Path, *, state_in_s3: bool, **changes: object) -> Iterator[Operated]:
    """The environment dev, with `changes`, synthesized once so that this machine's provider is laid beside it."""
    with environment(toolchain, folder, state_in_s3=state_in_s3, **changes) as (workspace, aws):
        yield Operated(workspace, aws)
