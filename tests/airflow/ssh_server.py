"""A repository of DAGs behind SSH and a key, on the loopback."""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.airflow.servers import Server, find_program, free_port, server_user, write_for_servers
from tests.ops.git_server import push


@dataclass(frozen=True)
class SshServer:
    """Where it is, how it is known, and who is let in."""

    url: str
    key: str
    """Private key of somebody who is let in."""

    known_hosts: str

    @classmethod
    @contextlib.contextmanager
    def running(cls, folder: Path, files: Mapping[str, str]) -> Iterator[SshServer]:
        """Serve a repository with files on `main` at a free port, to the user that servers run as.

        Raises:
            MissingProgramError: there is no sshd on this machine.
        """
        program, port, user = find_program("sshd"), free_port(), server_user()
        folder.chmod(0o755)
        for name in ("host", "client"):
            make_key(folder / name)
        write_for_servers(folder / "authorized", (folder / "client.pub").read_text())
        write_for_servers(folder / "host", (folder / "host").read_text())
        served = folder / "served"
        _serve(served, files, user)
        configuration = {
            "Port": port,
            "ListenAddress": "127.0.0.1",
            "HostKey": folder / "host",
            "AuthorizedKeysFile": folder / "authorized",
            "StrictModes": "no",
            "UsePAM": "no",
            "PasswordAuthentication": "no",
            "KbdInteractiveAuthentication": "no",
            "PidFile": "none",
        }
        options = [part for name, value in configuration.items() for part in ("-o", f"{name}={value}")]
        command: tuple[str | Path, ...] = (program, "-D", "-e", "-f", os.devnull, *options)
        with Server(command, folder / "sshd.log", address=("127.0.0.1", port), user=user):
            kind, key, *_ = (folder / "host.pub").read_text().split()
            yield cls(
                f"ssh://{user or getpass.getuser()}@127.0.0.1:{port}{served / 'dags.git'}",
                (folder / "client").read_text(),
                f"[127.0.0.1]:{port} {kind} {key}",
            )


def make_key(path: Path) -> None:
    """Make a pair of keys: the private one at the path, the public one beside it."""
    subprocess.run(
        ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "tests", "-f", path), check=True, capture_output=True
    )


def _serve(folder: Path, files: Mapping[str, str], user: str | None) -> None:
    work, bare = folder / "work", folder / "dags.git"
    subprocess.run(("git", "init", "--quiet", "--initial-branch=main", work), check=True)
    subprocess.run(("git", "init", "--quiet", "--bare", "--initial-branch=main", bare), check=True)
    push(folder, files)
    for path in (folder, *folder.rglob("*")):
        if user:
            shutil.chown(path, user)
