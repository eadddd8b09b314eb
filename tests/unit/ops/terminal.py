"""A program on a terminal of its own: what it shows, and somebody who types."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from programs.own_tools import ROOT


@dataclass
class Terminal:
    """The other end of the terminal."""

    number: int
    process: subprocess.Popen[bytes]
    shown: str = field(default="")

    def wait_for(self, text: str) -> None:
        """Read until that is shown.

        Raises:
            AssertionError: the program ended without it.
        """
        while text not in self.shown:
            assert self._read(), f"not shown: {text}\nbut: {self.shown}"

    def type(self, text: str) -> None:
        """Type, as somebody would who looks at nothing."""
        os.write(self.number, text.encode())

    def end(self) -> str:
        """Read to the program's end; return all that was shown."""
        while self._read():
            pass
        assert self.process.wait() == 0, self.shown
        return self.shown

    def _read(self) -> bool:
        with suppress(OSError):  # Linux's word for a terminal that nobody has open any more
            if read := os.read(self.number, 4096):
                self.shown += read.decode(errors="replace").replace("\r\n", "\n")
                return True
        return False


@contextmanager
def terminal(program: str, **variables: str) -> Iterator[Terminal]:
    """Python code that runs with stdin, stdout and stderr on a terminal that doesn't echo."""
    ours, theirs = pty.openpty()
    attributes = termios.tcgetattr(theirs)
    attributes[3] &= ~termios.ECHO
    termios.tcsetattr(theirs, termios.TCSANOW, attributes)
    environ = {**os.environ, "TERM": "xterm", "COLUMNS": "100", **variables}
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, cwd=ROOT, env=environ, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        try:
            yield Terminal(ours, process)
        finally:
            process.kill()
            os.close(ours)
