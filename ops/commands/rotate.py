"""`python -m ops rotate`: one secret replaced by a new one."""

from __future__ import annotations

from typing import Annotated

import typer
from constructs.settings.document.problems import shown

from ops.commands import example
from ops.console.errors import OperationError
from ops.console.exit_codes import ExitCode
from ops.frame.session import AsJson, EnvFile, EnvName, Session, operate
from ops.rotation import fernet
from ops.rotation.file_edit import read, with_value, write
from ops.rotation.secrets import SECRETS, Rotatable
from ops.state.reading import read_state

FERNET = "fernet"
DEPLOY = "python -m ops deploy"

Secret = Annotated[str, typer.Argument(help=f"One of {', '.join((*SECRETS, FERNET))}.", show_default=False)]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done; change no file.")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("rotate", epilog=example("rotate redis --env prod --dry-run"))(rotate)


def rotate(
    secret: Secret,
    env: EnvName = None,
    env_file: EnvFile = None,
    *,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Raise a secret's revision in the environment file, and say what a deploy then does; Fernet in its three steps.

    Nothing but the one line of the file changes: the next deploy makes the new secret and restarts who uses it.
    """
    operate(
        lambda session: raise_revision(session, secret, dry_run=dry_run), env=env, env_file=env_file, as_json=as_json
    )


def raise_revision(session: Session, secret: str, *, dry_run: bool) -> ExitCode:
    """Edit the one line. AWS is asked nothing, but for the state before a Fernet key goes.

    Raises:
        OperationError: there is no such secret in this environment, or the step would lose data.
    """
    if secret == FERNET:
        return _rotate_fernet(session, dry_run=dry_run)
    environment = session.operated.environment
    in_use = [name for name, known in SECRETS.items() if known.used(environment)]
    if secret not in in_use:
        reason = "is not used by this environment" if secret in SECRETS else "is no secret of an environment"
        raise OperationError(
            f"{secret!r} {reason}. Nothing was changed.",
            fix=f"name one of {', '.join((*in_use, FERNET))}",
            exit_code=ExitCode.MISTAKE,
        )
    rotatable: Rotatable = SECRETS[secret]
    old = rotatable.revision(environment)
    _edit(session, rotatable.location, old, old + 1, dry_run=dry_run)
    session.output.say(f"Restarts: {rotatable.restarts}.")
    session.output.say(f"Note: {rotatable.effect}.")
    steps = [*([rotatable.before] if rotatable.before else []), DEPLOY]
    _next(session, steps)
    session.output.result(
        {
            "secret": secret,
            "key": ".".join(rotatable.location),
            "old": old,
            "new": old + 1,
            "changed": not dry_run,
            "restarts": rotatable.restarts,
            "effect": rotatable.effect,
            "next": steps,
        }
    )
    return ExitCode.DONE


def _rotate_fernet(session: Session, *, dry_run: bool) -> ExitCode:
    keys = list(session.operated.environment.secrets.fernet_keys)
    platform = None
    if len(keys) > 1:
        with session.output.doing("reading the state of platform"):
            platform = read_state(session.operated, "platform", session.aws)
    new = fernet.next_keys(keys, platform)
    _edit(session, fernet.LOCATION, keys, new, dry_run=dry_run)
    if len(new) > 1:
        session.output.say(
            f"Step 1 of 3: key {new[0]} is added. Step 2, the deploy: all pods with Airflow in them restart with both "
            f"keys, then a job encrypts every connection and variable with key {new[0]}. Step 3: this command again."
        )
        steps = [DEPLOY, "python -m ops rotate fernet", DEPLOY]
    else:
        session.output.say(
            f"Step 3 of 3: everything is encrypted with key {new[0]}; key {keys[1]} is removed by the next deploy, "
            "which restarts all pods with Airflow in them. A backup of the database from before step 2 needs the old "
            f"key: {_kept(session.operated.environment.secrets.recovery_window_days)}."
        )
        steps = [DEPLOY]
    _next(session, steps)
    session.output.result(
        {"secret": FERNET, "key": "secrets.fernet_keys", "old": keys, "new": new, "changed": not dry_run, "next": steps}
    )
    return ExitCode.DONE


def _kept(days: int) -> str:
    return f"Secrets Manager keeps it for {days} days after that" if days else "it is gone after that"


def _edit(session: Session, location: tuple[str, ...], old: object, new: object, *, dry_run: bool) -> None:
    file = session.operated.file
    text = with_value(read(file), location, new)
    if not dry_run:
        write(file, text)
    done = "would be changed" if dry_run else "changed"
    session.output.say(f"{shown(file)} {done}: {'.'.join(location)}: {old} -> {new}")


def _next(session: Session, steps: list[str]) -> None:
    session.output.say("Next:")
    for number, step in enumerate(steps, 1):
        session.output.say(f"  {number}. {step}")
