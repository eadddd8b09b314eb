"""Terraform's short subcommands, with a stand-in for Terraform."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import pytest

from ops.terraform import Terraform

#: Says that it works, goes on for a while as Ctrl-C would end it, and writes down that it came to its end.
STAND_IN = """#!/bin/sh
echo $$ > FOLDER/begun && mv FOLDER/begun FOLDER/working
sleep 1
touch FOLDER/ended
echo done
"""


@pytest.fixture
def terraform(tmp_path: Path) -> Terraform:
    """Terraform as one that needs a second."""
    (tmp_path / "cdk.tf.json").write_text("{}", encoding="utf-8")
    program = tmp_path / "terraform"
    program.write_text(STAND_IN.replace("FOLDER", str(tmp_path)), encoding="utf-8")
    program.chmod(0o700)
    return Terraform(tmp_path, {"PATH": f"{tmp_path}:{os.environ['PATH']}"})


def interrupt_when(path: Path) -> threading.Thread:
    """Interrupt ourselves, as Ctrl-C does, when the file is there."""

    def wait() -> None:
        for _ in range(500):
            if path.exists():
                session = os.getsid(int(path.read_text(encoding="utf-8")))
                path.with_name("session").write_text(str(session), encoding="utf-8")
                break
            threading.Event().wait(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    return thread


class TestInterrupts:
    @pytest.mark.parametrize("command", [("taint", "aws_vpc.cluster"), ("state", "rm", "aws_vpc.cluster")])
    def test_what_writes_the_state_comes_to_its_end(
        self, terraform: Terraform, tmp_path: Path, command: tuple[str, ...]
    ) -> None:
        """Ctrl-C meanwhile reaches neither Terraform nor its wait; it is an interrupt when the state is written."""
        interrupt = interrupt_when(tmp_path / "working")
        with pytest.raises(KeyboardInterrupt):
            terraform.run(*command)
        interrupt.join()
        assert (tmp_path / "ended").exists()
        assert os.getsid(0) != int((tmp_path / "session").read_text(encoding="utf-8"))

    def test_without_an_interrupt(self, terraform: Terraform) -> None:
        """What it prints and its exit code are handed back."""
        done = terraform.run("untaint", "aws_vpc.cluster")
        assert (done.returncode, done.stdout) == (0, "done\n")
