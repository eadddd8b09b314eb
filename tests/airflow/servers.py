"""Programs that serve for the length of some tests: found, started as an ordinary user, awaited, ended."""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

#: Where Debian puts servers, beside PATH.
SERVER_FOLDERS = ("/usr/sbin", "/usr/local/sbin")
START_SECONDS = 300.0


class MissingProgramError(Exception):
    """A program isn't on this machine; the message says which and how it is found."""


class ServerError(Exception):
    """A server ended, or did not serve in time; the message holds its output."""


def find_program(name: str, *folders: Path | str) -> Path:
    """Return the path of a program: by PATH, then in the given folders and in those for servers.

    Raises:
        MissingProgramError: it is in none of them.
    """
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), *map(str, folders), *SERVER_FOLDERS])
    found = shutil.which(name, path=path)
    if not found:
        raise MissingProgramError(
            f"{name} is not on PATH; Debian's packages are postgresql, pgbouncer, redis-server, openssh-server."
        )
    return Path(found)


def free_port(address: str = "127.0.0.1") -> int:
    """Return a port that nobody has, of those that no system gives away by itself.

    A port of the ephemeral range may be another connection's before our server has it. Linux gives from 32768 on,
    macOS and RFC 6335 from 49152 on.
    """
    while True:
        port = secrets.choice(range(20_000, 32_768))
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((address, port))
            return port


def server_user() -> str | None:
    """Return whom servers run as that refuse to run as root; None where this process isn't root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextlib.contextmanager
def server_folder() -> Iterator[Path]:
    """Make a folder that belongs to the servers' user.

    Not one of pytest's: those are closed to other users. The name is short, as a path of a socket has to be.
    """
    with tempfile.TemporaryDirectory(prefix="airflow-") as name:
        folder = Path(name)
        if user := server_user():
            shutil.chown(folder, user, "root")
            folder.chmod(0o750)
        yield folder


def write_for_servers(path: Path, text: str) -> Path:
    """Write a file that only the servers' user can read, as they demand of keys."""
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    if user := server_user():
        shutil.chown(path, user)
    return path


@dataclass
class Server:
    """One running program whose output goes to a file."""

    command: Sequence[str | Path]
    log: Path
    address: tuple[str, int] | None = None
    """Where it listens; None where nobody waits for it."""

    ready: Sequence[str | Path] = ()
    """A command that succeeds once it serves, for a program that listens before it does."""

    environment: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    patience: float = 20
    """Seconds that it has to end by itself."""

    process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start it and wait until it serves."""
        with self.log.open("ab") as log:
            # In a session of its own: what it starts ends with it, and Ctrl-C in a terminal is ours to pass on.
            self.process = subprocess.Popen(
                [str(part) for part in self.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", **self.environment},
                cwd=self.log.parent,
                user=self.user,
                start_new_session=True,
            )
        try:
            self.wait()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self.stop()

    def wait(self) -> None:
        """Wait until it serves.

        Raises:
            ServerError: it doesn't, or has ended.
        """
        if self.address is None:
            return
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            serves = self.serves(self.address)
            # Asked afterwards: what answered may be somebody else's.
            if self.process and self.process.poll() is not None:
                raise ServerError(f"{self.command[0]} ended with {self.process.returncode}:\n{self.output()}")
            if serves:
                return
            time.sleep(0.1)
        raise ServerError(f"{self.command[0]} doesn't serve after {START_SECONDS:.0f} s:\n{self.output()}")

    def serves(self, address: tuple[str, int]) -> bool:
        """Return whether it takes requests."""
        try:
            socket.create_connection(address, timeout=1).close()
        except OSError:
            return False
        return not self.ready or subprocess.run(self.ready, capture_output=True, check=False).returncode == 0

    def stop(self) -> None:
        """End it, and whatever it has started."""
        process, self.process = self.process, None
        if process is None:
            return
        process.send_signal(self.stop_signal)
        try:
            process.wait(self.patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)

    def output(self) -> str:
        """Return what it has printed so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")
