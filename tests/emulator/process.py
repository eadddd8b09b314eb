"""The child process that serves the emulator."""

import atexit
import json
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from tests.emulator.options import Options

_CHECKOUT = Path(__file__).resolve().parents[2]
_START_SECONDS = 300.0
_STOP_SECONDS = 5.0


class EmulatorError(Exception):
    """The emulator did not start, has stopped, or refused an order."""


class ServerProcess:
    """`python -m tests.emulator` as a child of this process; it ends with `stop`, and when this process ends."""

    def __init__(self, options: Options) -> None:
        """Starts the child and waits until it listens. Raises EmulatorError with its output where it does not."""
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the child
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.emulator", "--child", *options.arguments()],
            cwd=_CHECKOUT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._output,
        )
        atexit.register(self.stop)
        self.port = self._wait_for_port()

    @property
    def running(self) -> bool:
        """Whether the child is alive."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """Process id of the child."""
        return self._process.pid

    def stop(self) -> None:
        """Ends the child, whatever it is doing; does nothing when it has ended."""
        atexit.unregister(self.stop)
        process = self._process
        for stream in (process.stdin, process.stdout):
            if stream and not stream.closed:
                stream.close()  # the child ends when its standard input closes
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._output.close()

    def _wait_for_port(self) -> int:
        too_late = threading.Timer(_START_SECONDS, self._process.kill)
        too_late.start()
        try:
            line = self._process.stdout.readline() if self._process.stdout else b""
        finally:
            too_late.cancel()
        if not line:
            self._process.wait()
            self._output.seek(0)
            output = self._output.read().decode("utf-8", "replace").strip()
            self.stop()
            raise EmulatorError(f"The emulator did not start within {_START_SECONDS:.0f} s:\n{output}")
        return int(json.loads(line)["port"])
