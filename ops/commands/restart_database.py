"""`python -m ops restart-database`: what the database reads only when it starts takes effect."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Annotated

import typer
from constructs.settings.values.windows import is_inside

from ops.clients.aws import Aws, readable
from ops.commands import example
from ops.console.errors import OperationError
from ops.console.exit_codes import ExitCode
from ops.frame.session import WHO_CALLS, AsJson, EnvFile, EnvName, Session, operate
from ops.inspection.running_database import RunningDatabase, running_database

AVAILABLE = "available"
#: Seconds between two looks, and how many: together 20 minutes.
EVERY, LOOKS = 10, 120
#: Nothing comes back from these by itself: failures of the waiter DBInstanceAvailable in botocore's model of RDS.
_GIVEN_UP = ("gone", "deleted", "deleting", "failed", "incompatible-parameters", "incompatible-restore")

InWindow = Annotated[
    bool,
    typer.Option(
        "--in-window",
        help="Without a question, but only within the maintenance window and if parameters wait: for a schedule.",
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Restart now, without a question.")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("restart-database", epilog=example("restart-database --env prod --in-window"))(restart_database)


def restart_database(
    env: EnvName = None,
    env_file: EnvFile = None,
    *,
    in_window: InWindow = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Restart the database, so that static parameters such as max_connections take effect. Asks first.

    For a minute or two Airflow has no database: running tasks go on, and PgBouncer connects again by itself.
    """

    def work(session: Session) -> ExitCode:
        return Restart(session, in_window=in_window, yes=yes).run()

    operate(work, env=env, env_file=env_file, as_json=as_json)


class Restart:
    """One run of the command."""

    def __init__(self, session: Session, *, in_window: bool, yes: bool) -> None:
        self._session, self._in_window, self._yes = session, in_window, yes
        self._output = session.output

    def run(self) -> ExitCode:
        """Restart it and wait until it is back; 3 where nobody has agreed.

        Raises:
            OperationError: there is no database, it is busy, it is not the time, or RDS failed.
        """
        with self._output.doing(WHO_CALLS):
            self._session.aws.require_account()
        name = self._session.operated.labels("infrastructure").names.prefix
        with self._output.doing(f"Looking at the database {name}"):
            database = self._look(name)
        self._output.say(f"Database {name}: {database.waiting or 'no parameter waits for a restart'}")
        if self._in_window and not database.waits:
            return self._end(database, restarted=False)
        self._require_time(database)
        if not self._agreed(name):
            self._output.say("Nothing was restarted.")
            self._end(database, restarted=False)
            return ExitCode.DECISION
        with self._output.doing("Restarting"):
            after = _restart(self._session.aws, name)
        self._output.say(f"Restarted: {name} is {after.status}, and all parameters are in force")
        return self._end(after, restarted=True)

    def _look(self, name: str) -> RunningDatabase:
        database = running_database(self._session.aws, name)
        if database is None:
            raise OperationError(f"There is no database {name} yet.", fix="python -m ops deploy")
        if database.status != AVAILABLE:
            raise OperationError(
                f"The database {name} is {database.status}. Nothing was restarted.",
                fix="python -m ops status, and again once it is available",
                exit_code=ExitCode.DECISION,
            )
        return database

    def _require_time(self, database: RunningDatabase) -> None:
        if self._in_window and not is_inside(database.maintenance_window, database.now):
            raise OperationError(
                f"It is {database.now:%A %H:%M} UTC by AWS's clock, outside of the maintenance window "
                f"{database.maintenance_window}. Nothing was restarted.",
                fix="call it within the window, or without --in-window to be asked",
                exit_code=ExitCode.DECISION,
            )

    def _agreed(self, name: str) -> bool:
        if self._in_window or self._yes:
            return True
        question = f"Restart {name}? Airflow has no database for a minute or two."
        if not self._output.interactive:
            self._output.warn(f"{question} Nobody can be asked here: add --yes, or --in-window, to have it done.")
        return self._output.confirm(question)

    def _end(self, database: RunningDatabase, *, restarted: bool) -> ExitCode:
        self._output.result(
            {
                "database": database.identifier,
                "restarted": restarted,
                "waits": database.waits,
                "static_parameters": dict(database.static_parameters),
                "maintenance_window": database.maintenance_window,
            }
        )
        return ExitCode.DONE


def _restart(aws: Aws, name: str, *, sleep: Callable[[float], None] = time.sleep) -> RunningDatabase:
    """Restart it; return it as it is once it is back and nothing waits for a restart any more."""
    with readable(f"restart the database {name}"):
        aws.client("rds").reboot_db_instance(DBInstanceIdentifier=name)
    status = "being restarted"
    for _ in range(LOOKS):
        # At first RDS may still describe it as it was: available, with parameters that wait.
        sleep(EVERY)
        found = running_database(aws, name)
        if found and found.status == AVAILABLE and not found.waits:
            return found
        status = found.status if found else "gone"
        if status in _GIVEN_UP:
            break
    else:
        waits = ", and parameters still wait for it" if status == AVAILABLE else ""
        status += f" after {EVERY * LOOKS // 60} minutes{waits}"
    raise OperationError(
        f"The database {name} was told to restart and is {status}.",
        fix="look at its events: aws rds describe-events --source-type db-instance --source-identifier "
        f"{name} --region {aws.region}, then python -m ops status",
    )
