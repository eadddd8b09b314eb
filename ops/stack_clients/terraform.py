"""Terraform in the folder of a synthesized stack."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ops.clients.terraform_program import TerraformProgram
from ops.console.errors import OperationError
from ops.console.pages import Page
from ops.stack_clients.interrupts import deferred_interrupts
from ops.stack_clients.known_refusals import explained
from ops.stack_clients.lock_refusal import lock_refusal
from ops.state.bucket_lock import BucketLock, Held
from ops.state.file_lock import FileLock

#: No questions to the Internet, no questions to people, no advice on commands that nobody has typed.
QUIET = {"TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1"}

#: Lines of Terraform's output that an error shows.
SHOWN_LINES = 40
#: Lines of its errors: a dozen of them, each whole.
LONGEST_ERRORS = 200
_ERROR = re.compile(r"[│|]?\s*Error: ")

#: What a plan says of each object that Terraform reads for it.
_READING = re.compile(r"[\w.-]+(\[.*?\])?: (Read|Refresh|Open|Clos|Still|Configuration unknown)")
_WAS_READ = re.compile(r"[\w.-]+(\[.*?\])?: (Read complete|Refreshing state)")

#: `state push` and its like colour what they say, and know no -no-color.
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")

#: Subcommands that take -input=false.
_ASKING = frozenset({"init", "plan", "apply", "destroy", "import"})
#: Subcommands that write the state.
_WRITING = frozenset({"force-unlock", "import", "state", "taint", "untaint"})
#: Subcommands that take a lock on the state.
_LOCKING = frozenset(
    {("plan",), ("apply",), ("import",), ("taint",), ("untaint",), ("state", "mv"), ("state", "push"), ("state", "rm")}
)
#: Subcommands that don't take -no-color.
_COLOURLESS = frozenset({("state", "pull"), ("state", "push")})


@dataclass(frozen=True)
class Terraform:
    """Terraform, or OpenTofu, as it is called for one stack: `-chdir=<folder>`, without colours and questions."""

    folder: Path
    environ: Mapping[str, str]
    lock: BucketLock | FileLock | None = None
    """Taken by us for longer than one subcommand. That in a bucket says who we are, and is in place of Terraform's."""

    keep_in: Path | None = None
    """Folder for a state that Terraform could not write; None: it stays where Terraform leaves it."""

    stored: Callable[[], str] | None = field(default=None, repr=False)
    """Reads the state as it is stored."""
    held: Held | None = field(default=None, repr=False)
    descriptors: tuple[int, ...] = ()
    """Open files that it gets, as `/dev/fd/<number>`."""

    @property
    def program(self) -> TerraformProgram:
        """Terraform, or OpenTofu, as the variables say."""
        return TerraformProgram.chosen(self.environ)

    @contextmanager
    def locked(self) -> Iterator[Terraform]:
        """Terraform, for a block in which nobody else works on the state; once more inside of it does nothing.

        Raises:
            LockedError: somebody holds the lock.
            OperationError: it can't be taken.
        """
        if self.lock is None or self.held:
            yield self
            return
        with self.lock.taken() as held:
            yield replace(self, held=held)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a subcommand whose output (errors among it) is read line by line from `stdout`.

        It has a process group of its own: Ctrl-C reaches only us, and we decide what to pass on.

        Raises:
            OperationError: there is no Terraform, or the stack isn't synthesized.
        """
        return self._open(arguments, stderr=subprocess.STDOUT, own_group=True)

    def _open(self, arguments: tuple[str, ...], *, stderr: int, own_group: bool) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self._command(arguments),
            env={**self.environ, **QUIET},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=own_group,
            pass_fds=(*self.descriptors, *([self.held.descriptor] if self.held else [])),
        )

    def run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a subcommand to its end; return it with what it printed.

        One that writes the state is not disturbed by Ctrl-C: it takes a moment, and its end is waited for.

        Raises:
            OperationError: it can't be started; or it failed and `check` is true.
            KeyboardInterrupt: somebody interrupted.
        """
        writes = arguments[0] in _WRITING
        with (
            deferred_interrupts() if writes else nullcontext() as interrupts,
            self._open(arguments, stderr=subprocess.PIPE, own_group=writes) as process,
        ):
            printed, complained = process.communicate()
        if interrupts and interrupts.count:
            raise KeyboardInterrupt
        done = subprocess.CompletedProcess(arguments, process.returncode, printed, complained)
        if check and done.returncode:
            raise self._failed(arguments, done.returncode, done.stdout + done.stderr)
        return done

    def _command(self, arguments: tuple[str, ...]) -> list[str]:
        program = self.program.find(self.environ)
        if not (self.folder / "cdk.tf.json").is_file():
            raise OperationError(f"{self.folder} holds no synthesized stack.", fix="make synth")
        options = ["-input=false"] if arguments[0] in _ASKING else []
        if arguments[:2] not in _COLOURLESS and arguments[0] not in ("state", "force-unlock"):
            options.append("-no-color")
        words = arguments[: 2 if arguments[0] == "state" else 1]
        if self.held and self.held.id and words in _LOCKING:
            options.append("-lock=false")  # we hold it in its place
        # Options stand before positional arguments, after the subcommand.
        return [program, f"-chdir={self.folder}", *words, *options, *arguments[len(words) :]]

    def _failed(self, arguments: tuple[str, ...], code: int, output: str) -> OperationError:
        return failure(arguments, code, output, self.folder.name, self.program.name)

    def init(self, *options: str) -> None:
        """`terraform init`; quick where it was done before."""
        self.run("init", *options)

    def plan(self, *options: str, out: Path | None = None) -> subprocess.CompletedProcess[str]:
        """A plan; its `returncode` is 0 without changes, 2 with some.

        Raises:
            OperationError: there is no plan (exit code 1).
        """
        save = [f"-out={out}"] if out else []
        done = self.run("plan", "-detailed-exitcode", *save, *options, check=False)
        if done.returncode not in (0, 2):
            raise self._failed(("plan",), done.returncode, done.stdout + done.stderr)
        return done

    def show(self, plan: Path) -> dict[str, Any]:
        """A saved plan as Terraform's JSON."""
        shown: dict[str, Any] = json.loads(self.run("show", "-json", str(plan)).stdout)
        return shown

    @contextmanager
    def unnamed_file(self) -> Iterator[tuple[Terraform, Path]]:
        """A file without a name, for a plan, which holds what the state holds; and Terraform that can open it.

        However we end, nothing of it is left on the disk.
        """
        with tempfile.TemporaryFile() as file:
            descriptor = file.fileno()
            yield replace(self, descriptors=(*self.descriptors, descriptor)), Path(f"/dev/fd/{descriptor}")

    def state_pull(self) -> str:
        """The state as text; empty where there is none."""
        return self.run("state", "pull").stdout

    def state_list(self) -> list[str]:
        """Addresses in the state; none where there is no state."""
        done = self.run("state", "list", check=False)
        if done.returncode and "No state file was found" not in done.stderr:
            raise self._failed(("state", "list"), done.returncode, done.stderr)
        return done.stdout.splitlines()

    def outputs(self) -> dict[str, Any]:
        """Outputs by name, as the state holds them."""
        return {name: output["value"] for name, output in json.loads(self.run("output", "-json").stdout).items()}


def was_read(line: str) -> bool:
    """Whether a line of a plan's output says that Terraform has read an object for it."""
    return bool(_WAS_READ.match(line))


def without_reading(text: str) -> str:
    """A plan's output without what it says of reading: with a hundred objects, pages before what matters."""
    return "\n".join(line for line in text.splitlines() if not _READING.match(line)).strip()


def failure(
    arguments: tuple[str, ...], code: int, output: str, stack: str, program: str = "terraform"
) -> OperationError:
    """The error for a failed subcommand: who holds the lock, or its name, exit code, errors, else its last words."""
    output = _COLOUR.sub("", output)
    if refused := lock_refusal(output, stack):
        return refused
    lines = [line for line in output.strip().splitlines() if line.strip()]
    first = next((number for number, line in enumerate(lines) if _ERROR.match(line)), None)
    lines = lines[-SHOWN_LINES:] if first is None else lines[first:][:LONGEST_ERRORS]
    words = " ".join(word for word in arguments if not word.startswith("-"))
    said = f"{program} {words} ended with exit code {code}:\n" + "\n".join(lines)
    return explained(OperationError(said, page=Page.MESSAGES), output)
