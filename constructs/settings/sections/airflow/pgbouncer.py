"""Pools of PgBouncer in section `airflow`."""

from __future__ import annotations

from typing import Annotated

from constructs.settings.values import facts
from constructs.settings.values.section import Section
from constructs.settings.values.shapes import Whole, mistake
from pydantic import Field, ValidationInfo, field_validator

#: Connections left to the database job, to people, and to RDS itself.
SPARE_CONNECTIONS = 10

#: Connections that one PgBouncer may be told to take.
MOST_CLIENTS = 10_000

PoolSize = Annotated[int, Whole(1, 2000, "connections")]


class PgbouncerSettings(Section):
    """How many connections PgBouncer keeps to the database, and how many it takes from Airflow."""

    metadata_pool_size: PoolSize = Field(
        default=20,
        description="Connections to the database for Airflow's metadata, for each replica of PgBouncer, 1 to 2000.",
    )
    result_backend_pool_size: PoolSize = Field(
        default=10,
        description="Connections to the database for Celery's results, for each replica of PgBouncer, 1 to 2000. Both "
        f"pools, times the replicas, leave {SPARE_CONNECTIONS} of the database's max_connections free.",
    )
    max_client_connections: Annotated[int, Whole(20, MOST_CLIENTS, "connections")] = Field(
        default=200,
        description="Connections from Airflow's pods that each replica of PgBouncer takes, 20 to 10000; "
        "every process of Airflow may open up to 15.",
    )

    @field_validator("result_backend_pool_size")
    @classmethod
    def _suit_the_database(cls, size: int, info: ValidationInfo) -> int:
        metadata, known = info.data.get("metadata_pool_size"), facts.known()
        if metadata is None or known.max_connections is None or known.pgbouncer_replicas is None:
            return size
        wanted, most = (metadata + size) * known.pgbouncer_replicas, known.max_connections - SPARE_CONNECTIONS
        if wanted > most:
            raise mistake(
                allowed="(metadata_pool_size + result_backend_pool_size) * components.pgbouncer.replicas of at most "
                f"{max(most, 0)}: the database takes {known.max_connections} connections, of which "
                f"{SPARE_CONNECTIONS} stay free",
                fix="make the pools smaller, or choose a larger database.instance_class",
                note=f"({metadata} + {size}) * {known.pgbouncer_replicas} is {wanted}",
            )
        return size
