"""Whether the database that runs takes as many connections as PgBouncer may open.

The environment file is checked against itself when it is read. This asks what is in force: a larger max_connections
waits for a restart, and a larger instance for the maintenance window, while larger pools come with the next deploy.
"""

from __future__ import annotations

from constructs.settings.environment import Environment
from constructs.settings.sections.airflow.pgbouncer import SPARE_CONNECTIONS

from ops.clients.aws import Aws
from ops.console.pages import Page
from ops.inspection.running_database import RunningDatabase, running_database
from ops.preflight.check import Check, not_yet, ok, problem, unknown

SUBJECT = "database connections"

_RESTART = (
    "python -m ops deploy --stack infrastructure, then python -m ops restart-database, then deploy; or make "
    "airflow.pgbouncer's pools smaller until then"
)
_WINDOW = "wait for the maintenance window, or set database.apply_immediately: true and deploy infrastructure first"


def check_connections(environment: Environment, aws: Aws, identifier: str, *, changed_first: bool) -> Check:
    """Whether the pools fit into what runs when platform is deployed.

    `changed_first`: infrastructure is deployed before, with a larger instance if that is to come at once.

    Raises:
        OperationError: RDS doesn't say.
    """
    database = running_database(aws, identifier)
    if database is None:
        return not_yet(SUBJECT, "there is no database yet")
    return judge(environment, database, changed_first=changed_first)


def judge(environment: Environment, database: RunningDatabase, *, changed_first: bool) -> Check:
    """The check, of a database that is there."""
    pools, replicas = environment.airflow.pgbouncer, environment.airflow.components.pgbouncer.replicas
    wanted = (pools.metadata_pool_size + pools.result_backend_pool_size) * replicas
    another_class = environment.database.instance_class != database.instance_class
    # A change of the class restarts it, and so brings waiting parameters with it.
    restarts = changed_first and another_class and environment.database.apply_immediately
    most = environment.database.max_connections if restarts else database.max_connections
    if most is None:
        return unknown(SUBJECT, f"what {database.instance_class} takes is not known; PgBouncer opens up to {wanted}")
    if wanted <= most - SPARE_CONNECTIONS:
        return ok(SUBJECT, f"PgBouncer opens up to {wanted} of {most}")
    takes = f"PgBouncer would open up to {wanted} of the {most} that the running database takes"
    detail = f"{takes}, of which {SPARE_CONNECTIONS} stay free"
    return problem(SUBJECT, detail, _WINDOW if another_class else _RESTART, Page.PARAMETERS)
