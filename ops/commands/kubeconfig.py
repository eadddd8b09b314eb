"""`python -m ops kubeconfig`: kubectl on the environment's cluster."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Annotated

import typer

from ops.clients.aws import readable
from ops.commands import example
from ops.console.errors import NotFoundError, OperationError
from ops.console.exit_codes import ExitCode
from ops.console.wording import one_line
from ops.frame.session import WHO_CALLS, AsJson, EnvFile, EnvName, Session, operate

SECONDS = 120

Target = Annotated[
    Path | None,
    typer.Option("--kubeconfig", help="File to write; default: as kubectl reads it.", show_default=False),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("kubeconfig", epilog=example("kubeconfig --env prod"))(kubeconfig)


def kubeconfig(
    env: EnvName = None, env_file: EnvFile = None, target: Target = None, *, as_json: AsJson = False
) -> None:
    """Add the cluster to your kubeconfig, as a context called after it; no token is stored."""
    operate(lambda session: add_cluster(session, target), env=env, env_file=env_file, as_json=as_json)


def add_cluster(session: Session, target: Path | None) -> ExitCode:
    """Let the AWS CLI write the entry, which gets a token anew whenever it is used.

    Raises:
        OperationError: there is no cluster, no AWS CLI, or the file can't be written.
    """
    with session.output.doing(WHO_CALLS):
        identity = session.aws.require_account()
    environment = session.operated.environment
    name = session.operated.labels("infrastructure").names.prefix
    try:
        with session.output.doing(f"looking at the cluster {name}"), readable(f"look at the cluster {name}"):
            session.aws.client("eks").describe_cluster(name=name)
    except NotFoundError as missing:
        raise OperationError(f"There is no cluster {name} yet.", fix="python -m ops deploy") from missing
    command = ["aws", "eks", "update-kubeconfig", "--name", name, "--region", environment.region, "--alias", name]
    command += ["--kubeconfig", str(target)] if target else []
    with session.output.doing("aws eks update-kubeconfig"):
        said = _run(command, session)
    session.output.say(said)
    namespace = environment.airflow.namespace
    session.output.say(f"Context {name}. Try: kubectl --context {name} get pods --namespace {namespace}")
    session.output.result({"context": name, "namespace": namespace, "kubeconfig": _written(said, target)})
    if not identity.is_among(session.operated.administrators):
        session.output.warn(
            f"{identity.principal} is not among cluster.administrators of the environment file: the cluster will "
            "refuse you until it is, and deployed."
        )
    return ExitCode.DONE


def _written(said: str, target: Path | None) -> str:
    """The file that the AWS CLI has written: where several are named by KUBECONFIG, it chooses, and says which."""
    found = re.fullmatch(r"(?:Added new|Updated) context \S+ (?:to|in) (.+)", said)
    return str((target or Path(found[1] if found else "~/.kube/config")).expanduser().absolute())


def _run(command: list[str], session: Session) -> str:
    """What the AWS CLI says that it did: it names the file."""
    try:
        done = subprocess.run(
            command, env=dict(session.operated.environ), capture_output=True, text=True, check=False, timeout=SECONDS
        )
    except FileNotFoundError as missing:
        raise OperationError(
            "The AWS CLI is not on PATH.",
            fix="install it: https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html",
            exit_code=ExitCode.MISTAKE,
        ) from missing
    except subprocess.TimeoutExpired as slow:
        raise OperationError(f"`aws eks update-kubeconfig` did not end within {SECONDS} s.") from slow
    if done.returncode:
        code, said = done.returncode, one_line(done.stderr)
        raise OperationError(f"`aws eks update-kubeconfig` ended with exit code {code}: {said}")
    return done.stdout.strip()
