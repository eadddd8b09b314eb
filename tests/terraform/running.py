"""A command that runs while a test looks on."""

from __future__ import annotations

import subprocess
import threading
import time


class Running:
    """A running command, whose output is read as it comes."""

    #: How long `wait` does.
    end_seconds = 900.0

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        if self.process.stdout:
            self._lines.extend(self.process.stdout)

    @property
    def output(self) -> str:
        """What it has printed so far."""
        return "".join(self._lines)

    def wait_for_output(self, text: str, seconds: float = 300.0) -> None:
        """Return when `text` has been printed.

        Raises:
            TimeoutError: it wasn't, in `seconds`.
        """
        until = time.monotonic() + seconds
        while text not in self.output:
            if time.monotonic() > until:
                raise TimeoutError(f"{text!r} is not in:\n{self.output}")
            time.sleep(0.05)

    def wait(self) -> int:
        """Return the exit code when it has ended, its output read to the end unless a child still holds the pipe."""
        code = self.process.wait(self.end_seconds)
        self._reader.join(10)
        return code
