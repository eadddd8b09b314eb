"""The repositories of the DAGs, asked as git-sync or Airflow asks them: with their credentials and nobody else's."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from constructs.airflow.certificates.bundle import bundle
from constructs.settings.environment import Environment
from constructs.settings.sections.airflow.dags import FOLDER_BUNDLE, repository_key
from constructs.settings.sections.airflow.git import GitSettings

from ops.clients.aws import Aws, readable
from ops.console.errors import NotFoundError
from ops.console.wording import one_line
from ops.environment.scratch_folder import scratch_folder
from ops.preflight.check import Check, ok, problem

SUBJECT = "DAG repository"
SECONDS = 60

#: Answers git's question for a user name and password from two variables of its process.
_HELPER = '!f() { test "$1" = get && echo "username=$DAGS_USERNAME" && echo "password=$DAGS_TOKEN"; }; f'

#: Lets ssh have the key from an agent that ends with the command: a file with it would stay after a kill.
_WITH_KEY = (
    'printf "%s\\n" "$DAGS_KEY" | ssh-add -q - && exec "$0" "$@"; '
    'echo "error: ssh can read no private key without passphrase in the secret" >&2; exit 1'
)


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """What goes with the repository; at most one of token and key."""

    username: str = ""
    token: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    known_hosts: str = ""
    authorities: str = ""
    """Certificates (PEM) that its host is verified by; empty: this machine's own."""


@dataclass(frozen=True)
class Answer:
    """What `git ls-remote` says."""

    commits: Mapping[str, str] = field(default_factory=dict)
    """Reference -> the commit that it is at."""

    error: str = ""

    def commit_of(self, name: str) -> str:
        """Return the commit that a branch or tag is at; empty where there is none."""
        # An annotated tag is an object of its own; what it is of stands under `^{}`.
        places = (f"refs/heads/{name}", f"refs/tags/{name}^{{}}", f"refs/tags/{name}")
        return next((self.commits[place] for place in places if place in self.commits), "")


def check_repositories(environment: Environment, aws: Aws, environ: Mapping[str, str]) -> Iterator[Check]:
    """Whether each repository answers, and has the branch or tag.

    Raises:
        OperationError: credentials can't be read.
    """
    repositories = environment.airflow.dags.repositories
    if not repositories:
        yield ok(SUBJECT, f"none: the DAGs are in the image {environment.airflow.image_reference}")
    authorities = authorities_of(environment)
    for name, repository in repositories.items():
        yield _check(name, repository, aws, authorities, environ)


def authorities_of(environment: Environment) -> str:
    """Return the certificates (PEM) that hosts are verified by; empty: this machine's own."""
    trusted = environment.airflow.trusted_certificates
    return bundle(trusted) if trusted else ""


def _check(name: str, repository: GitSettings, aws: Aws, authorities: str, environ: Mapping[str, str]) -> Check:
    try:
        answer = ask_repository(repository, aws, authorities, environ)
    except NotFoundError:
        secret = repository.credentials_secret
        return problem(
            subject_of(name), f"there is no secret {secret} with its credentials", "make it in Secrets Manager"
        )
    return judge(name, repository, answer)


def ask_repository(repository: GitSettings, aws: Aws, authorities: str, environ: Mapping[str, str]) -> Answer:
    """Ask a repository what it has, with the credentials that the environment file names.

    Raises:
        NotFoundError: there is no secret of that name.
        OperationError: credentials can't be read.
    """
    secret = repository.credentials_secret
    value = _value(secret, aws) if secret else ""
    credentials = Credentials(
        username=repository.token_username,
        token=value if repository.token_secret_name else "",
        key=value if repository.ssh_key_secret_name else "",
        known_hosts=repository.known_hosts or "",
        authorities=authorities,
    )
    return ask(repository.url, credentials, environ)


def subject_of(name: str) -> str:
    """Return what a check of a repository is called, by Airflow's name for it."""
    return SUBJECT if name == FOLDER_BUNDLE else f"{SUBJECT} {name}"


def judge(name: str, repository: GitSettings, answer: Answer) -> Check:
    """What an answer of a repository is worth."""
    subject, key, secret = subject_of(name), repository_key(name), repository.credentials_secret
    if answer.error:
        with_what = f"with the credentials in {secret}" if secret else "without credentials"
        other = (
            f"the value of {secret}" if secret else "give token_secret_name or ssh_key_secret_name, if it is private"
        )
        return problem(
            subject,
            f"{repository.url} does not answer {with_what}: {answer.error}",
            f"correct {key}.repository, or {other}",
        )
    if repository.commit:
        return ok(subject, f"answers; whether it has commit {repository.commit[:12]} is not asked")
    kind, what = ("tags", "tag") if repository.tag else ("heads", "branch")
    if f"refs/{kind}/{repository.reference}" not in answer.commits:
        return problem(subject, f"it has no {what} {repository.reference}", f"correct {key}.{what}, or push it")
    return ok(subject, f"answers, and has {repository.reference}")


def _value(secret: str, aws: Aws) -> str:
    with readable(f"read the secret {secret}"):
        return str(aws.client("secretsmanager").get_secret_value(SecretId=secret).get("SecretString", ""))


def ask(url: str, credentials: Credentials, environ: Mapping[str, str]) -> Answer:
    """List the references of a repository. The credentials stand in no argument and in no file.

    Raises:
        OperationError: this machine has no room for a file with the host's keys.
    """
    command = ["git", "ls-remote", "--heads", "--tags", "--", url]
    if credentials.key:
        command = ["ssh-agent", "sh", "-c", _WITH_KEY, *command]
    missing = next((tool for tool in ("git", command[0]) if not shutil.which(tool, path=environ.get("PATH"))), None)
    if missing:
        return Answer(error=f"{missing} is not on PATH")
    with scratch_folder() as folder:
        variables = {**environ, **_variables(credentials, folder)}
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                env=variables,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                timeout=SECONDS,
            )
        except subprocess.TimeoutExpired:
            return Answer(error=f"no answer within {SECONDS} s")
    if done.returncode:
        return Answer(error=_reason(done.stderr))
    commits = {name: commit for commit, _, name in (line.partition("\t") for line in done.stdout.splitlines())}
    return Answer(commits)


def _variables(credentials: Credentials, folder: Path) -> dict[str, str]:
    # The user's own configuration and helpers would hide that the cluster, which has none, gets no answer.
    settings = {"credential.helper": ["", *([_HELPER] if credentials.token else [])]}
    pairs = [(key, value) for key, values in settings.items() for value in values]
    variables = {
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "true",
        "SSH_ASKPASS_REQUIRE": "never",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_COUNT": str(len(pairs)),
        "DAGS_USERNAME": credentials.username,
        "DAGS_TOKEN": credentials.token.strip(),
        "DAGS_KEY": credentials.key.rstrip("\n"),
        "LC_ALL": "C",
    }
    for number, (key, value) in enumerate(pairs):
        variables |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    if credentials.authorities:
        authorities = folder / "authorities.pem"
        authorities.write_text(credentials.authorities, encoding="utf-8")
        variables["GIT_SSL_CAINFO"] = str(authorities)
    if credentials.key:
        variables["GIT_SSH_COMMAND"] = _ssh(credentials.known_hosts, folder)
    return variables


def _ssh(known_hosts: str, folder: Path) -> str:
    hosts = folder / "known_hosts"
    hosts.write_text(known_hosts.rstrip("\n") + "\n", encoding="utf-8")
    options = {
        "IdentityFile": "none",
        "UserKnownHostsFile": str(hosts),
        "GlobalKnownHostsFile": os.devnull,
        "StrictHostKeyChecking": "yes",
        "BatchMode": "yes",
        "ConnectTimeout": "10",
    }
    return f"ssh -F {os.devnull} " + " ".join(f"-o {name}={value}" for name, value in options.items())


def _reason(stderr: str) -> str:
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    found = [line for line in lines if line.startswith(("fatal:", "remote:", "ssh:", "Host key", "error:"))] or lines
    return one_line(" ".join(found)) or "git says nothing"
