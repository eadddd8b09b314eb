"""Terraform's short subcommands, with a stand-in for Terraform."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ops.stack_clients.terraform import Terraform
from ops.state.bucket_lock import Held, holder_file
from ops.state.lock_holder import Holder, Verdict, judge

#: Says that it works, does until it is told to end (Ctrl-C would end it too), and writes down that it came to its end.
STAND_IN = """#!/bin/sh
echo $$ > FOLDER/working
read line < FOLDER/end
touch FOLDER/ended
echo done
"""


@pytest.fixture
def terraform(tmp_path: Path) -> Terraform:
    """Terraform as one that works until somebody writes into `end`."""
    (tmp_path / "cdk.tf.json").write_text("{}", encoding="utf-8")
    program = tmp_path / "terraform"
    program.write_text(STAND_IN.replace("FOLDER", str(tmp_path)), encoding="utf-8")
    program.chmod(0o700)
    return Terraform(tmp_path, {"PATH": f"{tmp_path}:{os.environ['PATH']}"})


def interrupt_at_work(folder: Path) -> threading.Thread:
    """Interrupt ourselves, as Ctrl-C does, while the stand-in works; then let it end."""
    os.mkfifo(folder / "end")

    def interrupt() -> None:
        with (folder / "end").open("w", encoding="utf-8") as end:  # opened when the stand-in reads it
            session = os.getsid(int((folder / "working").read_text(encoding="utf-8")))
            (folder / "session").write_text(str(session), encoding="utf-8")
            os.kill(os.getpid(), signal.SIGINT)
            end.write("\n")

    thread = threading.Thread(target=interrupt, daemon=True)
    thread.start()
    return thread


class TestInterrupts:
    @pytest.mark.parametrize("command", [("taint", "aws_vpc.cluster"), ("state", "rm", "aws_vpc.cluster")])
    def test_what_writes_the_state_comes_to_its_end(
        self, terraform: Terraform, tmp_path: Path, command: tuple[str, ...]
    ) -> None:
        """Ctrl-C meanwhile reaches neither Terraform nor its wait; it is an interrupt when the state is written."""
        interrupt = interrupt_at_work(tmp_path)
        with pytest.raises(KeyboardInterrupt):
            terraform.run(*command)
        interrupt.join()
        assert (tmp_path / "ended").exists()
        assert os.getsid(0) != int((tmp_path / "session").read_text(encoding="utf-8"))

    def test_an_interrupt_while_it_starts_waits_too(
        self, terraform: Terraform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Terraform is there by then, and would go on by itself."""
        (tmp_path / "end").write_text("\n", encoding="utf-8")
        started = subprocess.Popen

        def interrupted(*arguments: Any, **options: Any) -> subprocess.Popen[str]:
            process: subprocess.Popen[str] = started(*arguments, **options)
            os.kill(os.getpid(), signal.SIGINT)
            return process

        monkeypatch.setattr(subprocess, "Popen", interrupted)
        with pytest.raises(KeyboardInterrupt):
            terraform.run("state", "rm", "aws_vpc.cluster")
        assert (tmp_path / "ended").exists()

    def test_without_an_interrupt(self, terraform: Terraform, tmp_path: Path) -> None:
        """What it prints and its exit code are handed back."""
        (tmp_path / "end").write_text("\n", encoding="utf-8")
        done = terraform.run("untaint", "aws_vpc.cluster")
        assert (done.returncode, done.stdout) == (0, "done\n")


class TestHeldLock:
    def test_terraform_takes_no_lock_of_its_own(self, terraform: Terraform, tmp_path: Path) -> None:
        """Where the lock is ours, each subcommand that would take one is told so; the others don't know the option."""
        (tmp_path / "terraform").write_text('#!/bin/sh\necho "$@"\n', encoding="utf-8")
        with (tmp_path / "file").open("wb") as file:
            held = replace(terraform, held=Held("lock-1", file.fileno()))
            said = {
                command: held.run(*command).stdout.removeprefix(f"-chdir={tmp_path} ").strip()
                for command in (("taint", "a.b"), ("state", "rm", "a.b"), ("state", "list"), ("show", "plan"))
            }
        assert list(said.values()) == [
            "taint -no-color -lock=false a.b", "state rm -lock=false a.b", "state list", "show -no-color plan"
        ]  # fmt: skip

    def test_terraform_that_outlives_us_is_at_work(self, terraform: Terraform, tmp_path: Path) -> None:
        """Whoever kills the command and not its Terraform leaves a holder that is at work until that has ended."""
        identifier = "5f0c1d2e-0000-4000-8000-000000000004"
        (tmp_path / "terraform").write_text("#!/bin/sh\nread line < FIFO\n".replace("FIFO", str(tmp_path / "end")))
        os.mkfifo(tmp_path / "end")
        path = holder_file(tmp_path, "infrastructure", identifier)
        holder = Holder(host=socket.gethostname(), process=1, file=str(path))
        with path.open("wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            process = replace(terraform, held=Held(identifier, file.fileno())).start("apply")
        with process:
            assert judge(holder, identifier, {}).verdict is Verdict.AT_WORK
            (tmp_path / "end").write_text("\n", encoding="utf-8")
        assert judge(holder, identifier, {}).verdict is Verdict.GONE
