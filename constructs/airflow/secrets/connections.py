"""The URLs that Airflow's processes open: metadata database, broker, PgBouncer's statistics.

No URL to PostgreSQL but the last carries `sslmode`: Airflow derives the URL of its asynchronous driver from it, and
asyncpg refuses the parameter. How a connection is encrypted is said elsewhere: by PgBouncer's own configuration towards
RDS, by libpq's environment variables (`job_commands.JOB_ENVIRONMENT`) where a job connects straight to it.

Their scheme names no driver, so that each image takes its own: `postgresql://` is psycopg2 to SQLAlchemy 2.0, which the
images of Airflow 3.2.2 and 3.3.2 have, and psycopg 3 to SQLAlchemy 2.1. psycopg 3 prepares statements as asyncpg does;
PgBouncer follows both (`pgbouncer_configuration.MAX_PREPARED_STATEMENTS`).

A password may be a Terraform expression. It stands in a URL as it is: ours are of letters and digits.
"""

from __future__ import annotations

from constructs.airflow.secrets.pgbouncer_configuration import (
    ADMINISTRATION_DATABASE,
    LISTEN_PORT,
    METADATA_ALIAS,
    RESULT_BACKEND_ALIAS,
)

#: Role of PostgreSQL that KEDA has.
SCALER_USERNAME = "airflow_scaler"
PGBOUNCER_SERVICE = "airflow-pgbouncer"
REDIS_SERVICE = "airflow-redis"


def metadata_url(*, username: str, password: str, namespace: str) -> str:
    """Return the URL of the metadata database through PgBouncer, for everything but our jobs."""
    return _pooled(username, password, namespace, METADATA_ALIAS)


def scaler_url(*, password: str, namespace: str) -> str:
    """Return the URL by which KEDA counts tasks: through PgBouncer, by a role that reads nothing else.

    Its driver (pgx) would ask for TLS, which PgBouncer doesn't speak inside the cluster.
    """
    return f"{_pooled(SCALER_USERNAME, password, namespace, METADATA_ALIAS)}?sslmode=disable"


def result_backend_url(*, username: str, password: str, namespace: str) -> str:
    """Return the URL of Celery's result backend: the same database, through a pool that the others can't exhaust."""
    return f"db+{_pooled(username, password, namespace, RESULT_BACKEND_ALIAS)}"


def _pooled(username: str, password: str, namespace: str, alias: str) -> str:
    host = f"{PGBOUNCER_SERVICE}.{namespace}.svc.cluster.local"
    return f"postgresql://{username}:{password}@{host}:{LISTEN_PORT}/{alias}"


def direct_url(*, username: str, password: str, host: str, port: int | str, database: str) -> str:
    """Return the URL of the metadata database on RDS itself, for migrations: they want a session of their own."""
    return f"postgresql://{username}:{password}@{host}:{port}/{database}"


def broker_url(*, password: str) -> str:
    """Return the URL of the Celery broker."""
    return f"redis://:{password}@{REDIS_SERVICE}:6379/0"


def stats_url(*, username: str, password: str) -> str:
    """Return the URL of PgBouncer's statistics, for the metrics exporter in the same pod."""
    return f"postgresql://{username}:{password}@127.0.0.1:{LISTEN_PORT}/{ADMINISTRATION_DATABASE}?sslmode=disable"
