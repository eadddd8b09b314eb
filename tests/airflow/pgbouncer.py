"""PgBouncer on the configuration that we generate, with the places of this machine in it."""

from __future__ import annotations

import contextlib
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from constructs.airflow.secrets.pgbouncer_configuration import (
    LISTEN_PORT,
    ROOT_CERTIFICATES_FILE,
    USERS_FILE,
    PgbouncerConfiguration,
)

from tests.airflow.postgresql import DATABASE, HOST, PASSWORD, USERNAME, PostgreSql
from tests.airflow.servers import Server, find_program, free_port, server_user, write_for_servers

#: Keys that an older PgBouncer refuses to start with, and the version that brought them. The chart's image has 1.23.
NEWER_KEYS = {"max_prepared_statements": (1, 21)}


@dataclass(frozen=True)
class PgBouncer:
    """A pooler that runs."""

    port: int
    version: tuple[int, int]
    log: Path

    @property
    def follows_prepared_statements(self) -> bool:
        """Whether a statement that a client has prepared goes with it from one server connection to the next."""
        return self.version >= NEWER_KEYS["max_prepared_statements"]


def installed_version(program: Path) -> tuple[int, int]:
    """Return the version of the program, `(1, 18)`."""
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    match = re.search(r"PgBouncer (\d+)\.(\d+)", answer)
    assert match, answer
    return int(match[1]), int(match[2])


def localized(ini: str, port: int, folder: Path, version: tuple[int, int]) -> str:
    """Return the configuration with this machine's port and paths, without what its PgBouncer doesn't know."""
    for there, here in {
        f"listen_port = {LISTEN_PORT}": f"listen_port = {port}",
        "listen_addr = *": "listen_addr = 127.0.0.1",
        ROOT_CERTIFICATES_FILE: str(folder / "root.crt"),
        USERS_FILE: str(folder / "users.txt"),
    }.items():
        assert ini.count(there) == 1, there
        ini = ini.replace(there, here)
    unknown = {key for key, since in NEWER_KEYS.items() if version < since}
    kept = [line for line in ini.splitlines() if line.split(" = ")[0] not in unknown]
    return "\n".join([*kept, f"unix_socket_dir = {folder}", ""])


def for_prepared(ini: str, version: tuple[int, int]) -> str:
    """Return the configuration for clients that prepare statements.

    A PgBouncer that can't follow them breaks asyncpg and psycopg 3 in transaction mode: another client's statement of
    the same name is there already. Where only such a one is at hand it lends whole sessions, which shows all but the
    following.
    """
    if version >= NEWER_KEYS["max_prepared_statements"]:
        return ini
    return ini.replace("pool_mode = transaction", "pool_mode = session")


@contextlib.contextmanager
def running(
    folder: Path, database: PostgreSql, roots: str, *, prepares: bool = False, others: Mapping[str, str] | None = None
) -> Iterator[PgBouncer]:
    """Run the pooler in front of a database that it verifies by the given certificates.

    `prepares`: its clients use asyncpg or psycopg 3. `others`: users beside the owner, and their passwords.
    """
    program = find_program("pgbouncer")
    configuration = PgbouncerConfiguration(host=HOST, port=database.port, database=DATABASE, username=USERNAME)
    port, version = free_port(), installed_version(program)
    write_for_servers(folder / "root.crt", roots)
    write_for_servers(folder / "users.txt", configuration.users(PASSWORD, others))
    text = localized(configuration.ini(), port, folder, version)
    ini = write_for_servers(folder / "pgbouncer.ini", for_prepared(text, version) if prepares else text)
    log = folder / "pgbouncer.log"
    with Server(command=[program, ini], log=log, address=("127.0.0.1", port), user=server_user()):
        yield PgBouncer(port, version, log)
