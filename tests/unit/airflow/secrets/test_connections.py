"""The URLs that Airflow's processes open."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from constructs.airflow.secrets.connections import broker_url, direct_url, metadata_url, result_backend_url, stats_url

METADATA = metadata_url(username="airflow", password="p4ss", namespace="data")
RESULTS = result_backend_url(username="airflow", password="p4ss", namespace="data")
DIRECT = direct_url(username="airflow", password="p4ss", host="db.example.com", port=5432, database="metadata")
BROKER = broker_url(password="p4ss")
STATS = stats_url(username="airflow", password="p4ss")


class TestUrls:
    @pytest.mark.parametrize(
        ("url", "expected"),
        [
            (METADATA, "postgresql://airflow:p4ss@airflow-pgbouncer.data.svc.cluster.local:6543/airflow-metadata"),
            (
                RESULTS,
                "db+postgresql://airflow:p4ss@airflow-pgbouncer.data.svc.cluster.local:6543/airflow-result-backend",
            ),
            (DIRECT, "postgresql://airflow:p4ss@db.example.com:5432/metadata"),
            (BROKER, "redis://:p4ss@airflow-redis:6379/0"),
            (STATS, "postgresql://airflow:p4ss@127.0.0.1:6543/pgbouncer?sslmode=disable"),
        ],
        ids=["metadata", "results", "direct", "broker", "stats"],
    )
    def test_are_as_their_readers_expect(self, url: str, expected: str) -> None:
        """The chart's names and ports, PgBouncer's alias, and the database itself for our jobs."""
        assert url == expected

    @pytest.mark.parametrize("url", [METADATA, DIRECT], ids=["metadata", "direct"])
    def test_that_airflow_derives_others_from_have_no_parameters(self, url: str) -> None:
        """Airflow makes the URL of asyncpg out of them, which refuses `sslmode`."""
        assert urlsplit(url).query == ""

    def test_take_terraform_expressions(self) -> None:
        """What Terraform fills in later stands in the URL as it is."""
        host, port = "${data.host}", "${data.port}"
        url = direct_url(username="airflow", password="${local.password}", host=host, port=port, database="metadata")
        assert url == "postgresql://airflow:${local.password}@${data.host}:${data.port}/metadata"
