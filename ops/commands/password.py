"""`python -m ops password`: the password of Airflow's user admin."""

from __future__ import annotations

import typer

from ops.clients.aws import readable
from ops.commands import example
from ops.console.errors import NotFoundError, OperationError
from ops.console.exit_codes import ExitCode
from ops.frame.session import WHO_CALLS, AsJson, EnvFile, EnvName, Session, operate

USER = "admin"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("password", epilog=example("password --env prod"))(password)


def password(env: EnvName = None, env_file: EnvFile = None, *, as_json: AsJson = False) -> None:
    """Print the password of Airflow's user admin, as Secrets Manager holds it."""
    operate(print_password, env=env, env_file=env_file, as_json=as_json)


def print_password(session: Session) -> ExitCode:
    """Print the password, and nothing else, on stdout. It is read by its name and needs no state.

    Raises:
        OperationError: there is none yet, it is being deleted, or it may not be read.
    """
    with session.output.doing(WHO_CALLS):
        session.aws.require_account()
    name = session.operated.labels("infrastructure").names.secret(USER)
    try:
        with session.output.doing(f"reading the secret {name}"), readable(f"read the secret {name}"):
            stored = session.aws.client("secretsmanager").get_secret_value(SecretId=name)
    except NotFoundError as missing:
        raise OperationError(
            f"The environment {session.operated.name} has no password yet: there is no secret {name} with a value.",
            fix="python -m ops deploy; if a deploy was interrupted: python -m ops recover",
        ) from missing
    session.output.value(str(stored["SecretString"]))
    session.output.result({"user": USER, "password": str(stored["SecretString"]), "secret": name})
    return ExitCode.DONE
