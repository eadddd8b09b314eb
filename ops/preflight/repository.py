"""The repository of the DAGs, asked as git-sync asks it: with its credentials and nobody else's."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from constructs.settings.environment import Environment
from constructs.settings.sections.airflow.dags import DagsSettings

from ops.clients.aws import Aws, readable
from ops.console.errors import NotFoundError
from ops.console.wording import one_line
from ops.preflight.check import Check, ok, problem

SUBJECT = "DAG repository"
SECONDS = 60

#: Answers git's question for a user name and password from two variables of its process.
_HELPER = '!f() { test "$1" = get && echo "username=$DAGS_USERNAME" && echo "password=$DAGS_TOKEN"; }; f'


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """What goes with the repository; at most one of token and key."""

    username: str = ""
    token: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    known_hosts: str = ""


@dataclass(frozen=True)
class Answer:
    """What `git ls-remote` says."""

    references: tuple[str, ...] = ()
    error: str = ""


def check_repository(environment: Environment, aws: Aws, environ: Mapping[str, str]) -> Check:
    """Whether the repository answers, and has the branch or tag.

    Raises:
        OperationError: its credentials can't be read.
    """
    dags = environment.airflow.dags
    secret = dags.token_secret_name or dags.ssh_key_secret_name
    try:
        value = _value(secret, aws) if secret else ""
    except NotFoundError:
        return problem(SUBJECT, f"there is no secret {secret} with its credentials", "make it in Secrets Manager")
    credentials = Credentials(
        username=dags.token_username,
        token=value if dags.token_secret_name else "",
        key=value if dags.ssh_key_secret_name else "",
        known_hosts=dags.known_hosts or "",
    )
    return judge(dags, ask(dags.repository, credentials, environ))


def judge(dags: DagsSettings, answer: Answer) -> Check:
    """What an answer of the repository is worth for these settings."""
    secret = dags.token_secret_name or dags.ssh_key_secret_name
    if answer.error:
        with_what = f"with the credentials in {secret}" if secret else "without credentials"
        other = (
            f"the value of {secret}" if secret else "give token_secret_name or ssh_key_secret_name, if it is private"
        )
        return problem(
            SUBJECT,
            f"{dags.repository} does not answer {with_what}: {answer.error}",
            f"correct airflow.dags.repository, or {other}",
        )
    if dags.commit:
        return ok(SUBJECT, f"answers; whether it has commit {dags.commit[:12]} is not asked")
    kind, what = ("tags", "tag") if dags.tag else ("heads", "branch")
    if f"refs/{kind}/{dags.reference}" not in answer.references:
        return problem(SUBJECT, f"it has no {what} {dags.reference}", f"correct airflow.dags.{what}, or push it")
    return ok(SUBJECT, f"answers, and has {dags.reference}")


def _value(secret: str, aws: Aws) -> str:
    with readable(f"read the secret {secret}"):
        return str(aws.client("secretsmanager").get_secret_value(SecretId=secret).get("SecretString", ""))


def ask(url: str, credentials: Credentials, environ: Mapping[str, str]) -> Answer:
    """List the references of a repository. The credentials stand in no argument, and in no file but the SSH key's."""
    with tempfile.TemporaryDirectory(prefix="dags-") as folder:
        try:
            done = subprocess.run(
                ["git", "ls-remote", "--heads", "--tags", "--", url],
                cwd=folder,
                env={**environ, **_variables(credentials, Path(folder))},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                timeout=SECONDS,
            )
        except FileNotFoundError:
            return Answer(error="git is not on PATH")
        except subprocess.TimeoutExpired:
            return Answer(error=f"no answer within {SECONDS} s")
    if done.returncode:
        return Answer(error=_reason(done.stderr))
    return Answer(tuple(line.partition("\t")[2] for line in done.stdout.splitlines()))


def _variables(credentials: Credentials, folder: Path) -> dict[str, str]:
    # The user's own configuration and helpers would hide that the cluster, which has none, gets no answer.
    settings = {"credential.helper": ["", *([_HELPER] if credentials.token else [])]}
    pairs = [(key, value) for key, values in settings.items() for value in values]
    variables = {
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "true",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_COUNT": str(len(pairs)),
        "DAGS_USERNAME": credentials.username,
        "DAGS_TOKEN": credentials.token.strip(),
        "LC_ALL": "C",
    }
    for number, (key, value) in enumerate(pairs):
        variables |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    if credentials.key:
        variables["GIT_SSH_COMMAND"] = _ssh(credentials, folder)
    return variables


def _ssh(credentials: Credentials, folder: Path) -> str:
    key, hosts = folder / "key", folder / "known_hosts"
    key.touch(mode=0o600)
    key.write_text(credentials.key.rstrip("\n") + "\n", encoding="utf-8")
    hosts.write_text(credentials.known_hosts.rstrip("\n") + "\n", encoding="utf-8")
    options = {
        "IdentitiesOnly": "yes",
        "IdentityAgent": "none",
        "UserKnownHostsFile": str(hosts),
        "GlobalKnownHostsFile": os.devnull,
        "StrictHostKeyChecking": "yes",
        "BatchMode": "yes",
        "ConnectTimeout": "10",
    }
    return f"ssh -F {os.devnull} -i {key} " + " ".join(f"-o {name}={value}" for name, value in options.items())


def _reason(stderr: str) -> str:
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    found = [line for line in lines if line.startswith(("fatal:", "remote:", "ssh:", "Host key", "error:"))] or lines
    return one_line(" ".join(found)) or "git says nothing"
