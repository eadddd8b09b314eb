"""What PgBouncer reads."""

from __future__ import annotations

from configparser import ConfigParser
from dataclasses import replace

import pytest
from constructs.airflow.secrets.connections import metadata_url, stats_url
from constructs.airflow.secrets.pgbouncer_configuration import PgbouncerConfiguration

CONFIGURATION = PgbouncerConfiguration(host="db.example.com", database="metadata", username="airflow")


def parsed(configuration: PgbouncerConfiguration) -> ConfigParser:
    """Read pgbouncer.ini."""
    parser = ConfigParser(interpolation=None)
    parser.read_string(configuration.ini())
    return parser


@pytest.fixture
def settings() -> dict[str, str]:
    """Return the section `pgbouncer` with default configuration."""
    return dict(parsed(CONFIGURATION)["pgbouncer"])


class TestIni:
    def test_has_a_pool_for_each_alias(self) -> None:
        """Both aliases lead to the one database, each with a pool of its own."""
        server = "host=db.example.com port=5432 dbname=metadata"
        assert dict(parsed(CONFIGURATION)["databases"]) == {
            "airflow-metadata": f"{server} pool_size=20",
            "airflow-result-backend": f"{server} pool_size=10",
        }

    def test_takes_sizes(self) -> None:
        """Pools and clients are as many as they are said to be."""
        sized = parsed(
            replace(CONFIGURATION, metadata_pool_size=7, result_backend_pool_size=3, max_client_connections=50)
        )
        assert sized["databases"]["airflow-metadata"].endswith(" pool_size=7")
        assert sized["databases"]["airflow-result-backend"].endswith(" pool_size=3")
        assert sized["pgbouncer"]["max_client_conn"] == "50"

    def test_verifies_the_server(self, settings: dict[str, str]) -> None:
        """TLS towards the database, its certificate checked against the roots and its name."""
        assert settings["server_tls_sslmode"] == "verify-full"
        assert settings["server_tls_ca_file"] == "/etc/pgbouncer/root.crt"

    def test_authenticates_clients(self, settings: dict[str, str]) -> None:
        """SCRAM with the users of users.txt; none of them may administer PgBouncer, one may read its statistics."""
        assert settings["auth_type"] == "scram-sha-256"
        assert settings["auth_file"] == "/etc/pgbouncer/users.txt"
        assert settings["stats_users"] == "airflow"
        assert "admin_users" not in settings

    def test_pools_transactions_and_follows_prepared_statements(self, settings: dict[str, str]) -> None:
        """A server connection belongs to a client for one transaction; asyncpg's statements follow it to the next."""
        assert settings["pool_mode"] == "transaction"
        assert int(settings["max_prepared_statements"]) > 0

    def test_accepts_what_the_exporter_asks_for(self, settings: dict[str, str]) -> None:
        """The exporter's driver sends this parameter with every connect; a PgBouncer that doesn't know it hangs up."""
        assert settings["ignore_startup_parameters"] == "extra_float_digits"

    def test_listens_where_the_urls_lead(self, settings: dict[str, str]) -> None:
        """On every address of the pod, at the port of the metadata and statistics URLs."""
        assert settings["listen_addr"] == "*"
        for url in (metadata_url(username="u", password="p", namespace="n"), stats_url(username="u", password="p")):
            assert f":{settings['listen_port']}/" in url

    def test_holds_no_password(self) -> None:
        """It takes a Terraform expression for the host; the password is in the other file."""
        ini = replace(CONFIGURATION, host="${data.host}", port="${data.port}").ini()
        assert "host=${data.host} port=${data.port} dbname" in ini
        assert "password" not in ini


class TestUsers:
    def test_is_one_line(self) -> None:
        """The one user, with the password in plain for SCRAM towards the server."""
        assert CONFIGURATION.users("${local.password}") == '"airflow" "${local.password}"\n'
