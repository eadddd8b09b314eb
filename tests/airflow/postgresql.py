"""PostgreSQL as RDS serves it: TLS or nothing, SCRAM, a user who owns one database and administers nothing."""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from constructs.airflow.secrets.connections import direct_url

from tests.airflow.authority import Authority
from tests.airflow.servers import Server, find_program, free_port, server_user, write_for_servers

HOST = "localhost"
DATABASE = "airflow_metadata"
USERNAME = "airflow"
PASSWORD = "Fr0mSecretsManager"

#: As Debian lays them out, the newest first.
PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name), reverse=True)

#: From the network only with TLS; the tests themselves look inside by the socket.
AUTHENTICATION = """\
local   all all               trust
hostssl all all 127.0.0.1/32  scram-sha-256
hostssl all all ::1/128       scram-sha-256
"""

#: Nothing has to survive a crash of these servers.
SETTINGS = {
    "ssl": "on",
    "listen_addresses": HOST,
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


@dataclass(frozen=True)
class PostgreSql:
    """A server that runs, and its one database."""

    folder: Path
    port: int

    @property
    def url(self) -> str:
        """What our jobs open."""
        return direct_url(username=USERNAME, password=PASSWORD, host=HOST, port=self.port, database=DATABASE)

    def query(self, statement: str, database: str = DATABASE, **values: str) -> str:
        """Run a statement as the superuser, past network and passwords; `:'name'` in it stands for a value.

        Returns the answer with | between columns, row by row.
        """
        psql: list[str | Path] = [find_program("psql", *PROGRAMS), "-XqtA", "-v", "ON_ERROR_STOP=1", "-U", "postgres"]
        psql += ["-h", str(self.folder), "-p", str(self.port), "-d", database]
        variables = [part for name, value in values.items() for part in ("-v", f"{name}={value}")]
        result = subprocess.run([*psql, *variables], input=statement, capture_output=True, text=True, check=False)
        assert result.returncode == 0, f"{statement}: {result.stderr}"
        return result.stdout.strip()


def initialize(folder: Path, authority: Authority) -> None:
    """Make the files of a server in `folder`, with a certificate for the loopback."""
    initdb: list[str | Path] = [
        find_program("initdb", *PROGRAMS),
        "--pgdata",
        folder / "data",
        "--username",
        "postgres",
        "--no-sync",
    ]
    subprocess.run(
        [*initdb, "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8"],
        user=server_user(),
        cwd=folder,
        capture_output=True,
        check=True,
    )
    certificate, key = authority.issue(HOST, "127.0.0.1", "::1")
    write_for_servers(folder / "data" / "server.crt", certificate)
    write_for_servers(folder / "data" / "server.key", key)
    write_for_servers(folder / "data" / "pg_hba.conf", AUTHENTICATION)


@contextlib.contextmanager
def running(folder: Path) -> Iterator[PostgreSql]:
    """Serve the files in `folder` at a free port."""
    server = PostgreSql(folder, free_port())
    settings = {**SETTINGS, "unix_socket_directories": str(folder)}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with Server(
        command=[find_program("postgres", *PROGRAMS), "-D", folder / "data", "-p", str(server.port), *options],
        log=folder / "postgresql.log",
        address=(HOST, server.port),
        # It listens, and refuses: "the database system is starting up".
        ready=[find_program("pg_isready", *PROGRAMS), "-h", folder, "-p", str(server.port)],
        user=server_user(),
        stop_signal=signal.SIGINT,
    ):
        yield server


def create_database(server: PostgreSql) -> None:
    """Create what Terraform creates: the user, who owns the database."""
    server.query(f"CREATE ROLE {USERNAME} LOGIN PASSWORD :'password'", database="postgres", password=PASSWORD)
    server.query(f"CREATE DATABASE {DATABASE} OWNER {USERNAME}", database="postgres")


def copy(source: Path, target: Path) -> None:
    """Copy the files of a server that is not running."""
    subprocess.run([shutil.which("cp") or "cp", "-a", source / "data", target / "data"], check=True)
