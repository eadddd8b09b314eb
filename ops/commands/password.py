"""`python -m ops password`: the password of Airflow's user admin."""

from __future__ import annotations

import typer

from ops.clients.aws import readable
from ops.commands import example
from ops.console.errors import NotFoundError, OperationError
from ops.console.exit_codes import ExitCode
from ops.console.pages import Page
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
        OperationError: there is no such user, or no password yet, it is being deleted, or it may not be read.
    """
    value = read_password(session)
    session.output.value(value)
    session.output.result({"user": USER, "password": value, "secret": secret_of(session)})
    return ExitCode.DONE


def secret_of(session: Session) -> str:
    """Return the name of the secret that holds the password."""
    return session.operated.labels("infrastructure").names.secret(USER)


def read_password(session: Session) -> str:
    """Return the password, as Secrets Manager holds it.

    Raises:
        OperationError: there is no such user, or no password yet, it is being deleted, or it may not be read.
    """
    sign_in = session.operated.environment.airflow.sign_in
    if sign_in and sign_in.local_admin == "none":
        raise OperationError(
            f"Airflow of {session.operated.name} has no user {USER}: airflow.sign_in.local_admin is none.",
            fix="airflow.sign_in.local_admin: keep, then deploy",
            exit_code=ExitCode.MISTAKE,
        )
    if sign_in and sign_in.local_admin == "break_glass":
        session.output.warn(f"There is no user {USER} until somebody makes him: {Page.LOCAL_ADMIN} says how.")
    with session.output.doing(WHO_CALLS):
        session.aws.require_account()
    name = secret_of(session)
    try:
        with session.output.doing(f"reading the secret {name}"), readable(f"read the secret {name}"):
            stored = session.aws.client("secretsmanager").get_secret_value(SecretId=name)
    except NotFoundError as missing:
        raise OperationError(
            f"The environment {session.operated.name} has no password yet: there is no secret {name} with a value.",
            fix="python -m ops deploy; if a deploy was interrupted: python -m ops recover",
        ) from missing
    return str(stored["SecretString"])
