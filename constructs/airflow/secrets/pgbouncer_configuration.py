"""What PgBouncer reads: `pgbouncer.ini` and `users.txt`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LISTEN_PORT = 6543
#: Databases as clients of PgBouncer see them; the chart's exporter and its documentation use the same names.
METADATA_ALIAS = "airflow-metadata"
RESULT_BACKEND_ALIAS = "airflow-result-backend"
#: The database that PgBouncer shows itself in (`SHOW STATS`).
ADMINISTRATION_DATABASE = "pgbouncer"
#: Where the chart mounts the files.
USERS_FILE = "/etc/pgbouncer/users.txt"
ROOT_CERTIFICATES_FILE = "/etc/pgbouncer/root.crt"
#: Statements that one server connection keeps prepared for its clients.
MAX_PREPARED_STATEMENTS = 200


@dataclass(frozen=True, kw_only=True)
class PgbouncerConfiguration:
    """Airflow's two pools in front of the metadata database: transaction pooling, verified TLS, SCRAM on both sides.

    `host` and `port` may be Terraform expressions.
    """

    host: str
    """The database's own name: its certificate is checked against it."""

    database: str
    username: str
    port: int | str = 5432
    metadata_pool_size: int = 20
    """Connections to the database that Airflow's processes share, for each PgBouncer."""

    result_backend_pool_size: int = 10
    """The same for a result backend that has a URL of its own."""

    max_client_connections: int = 200
    """Connections that one PgBouncer accepts."""

    def ini(self) -> str:
        """Return the text of pgbouncer.ini."""
        sections = {"databases": self._databases(), "pgbouncer": self._settings()}
        return "\n".join(
            f"[{section}]\n" + "".join(f"{key} = {value}\n" for key, value in entries.items())
            for section, entries in sections.items()
        )

    def users(self, password: str, others: Mapping[str, str] | None = None) -> str:
        """Return the text of users.txt; `others` are further users and their passwords.

        Passwords stand there in plain: PgBouncer proves to the server that it knows them, which no hash allows.
        """
        users = {self.username: password, **(others or {})}
        return "".join(f'"{name}" "{text}"\n' for name, text in users.items())

    def _databases(self) -> Mapping[str, str]:
        """Return the section of the databases: one server, twice, so that neither pool starves the other."""
        server = f"host={self.host} port={self.port} dbname={self.database}"
        return {
            METADATA_ALIAS: f"{server} pool_size={self.metadata_pool_size}",
            RESULT_BACKEND_ALIAS: f"{server} pool_size={self.result_backend_pool_size}",
        }

    def _settings(self) -> Mapping[str, str | int]:
        return {
            "listen_addr": "*",
            "listen_port": LISTEN_PORT,
            "auth_type": "scram-sha-256",
            "auth_file": USERS_FILE,
            "stats_users": self.username,
            # A connection to the server is lent for one transaction: many idle processes share few connections.
            "pool_mode": "transaction",
            "max_client_conn": self.max_client_connections,
            # asyncpg and psycopg 3 prepare statements; in transaction mode PgBouncer (1.21 or newer) has to follow it.
            "max_prepared_statements": MAX_PREPARED_STATEMENTS,
            # The metrics exporter's driver asks for it at connect, and PgBouncer refuses what it can't pass on.
            "ignore_startup_parameters": "extra_float_digits",
            "server_tls_sslmode": "verify-full",
            "server_tls_ca_file": ROOT_CERTIFICATES_FILE,
            # A line for every connect, disconnect and minute tells less than the exporter's counts.
            "log_connections": 0,
            "log_disconnections": 0,
            "log_stats": 0,
        }
