"""What an environment of the tests is brought into, and how the commands that only look are run on it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from tests.ops.inspection_account import KUBECONFIG, Inspected, Said

#: Every command that only looks, as people type it.
COMMANDS = {
    "preflight": ("preflight",),
    "status": ("status",),
    "rotate": ("rotate", "jwt", "--dry-run"),
    "kubeconfig": ("kubeconfig",),
    "password": ("password",),
    "url": ("url",),
}
#: What AWS's services are called by its client library: all that the commands ask, but for who calls.
SERVICES = (
    "acm",
    "cloudwatch",
    "ec2",
    "eks",
    "iam",
    "kms",
    "logs",
    "rds",
    "resourcegroupstaggingapi",
    "route53",
    "s3",
    "secretsmanager",
    "servicequotas",
)


def everything(environment: Inspected, **variables: str) -> dict[str, Said]:
    """What every command says: something, with each error how it is put right. Nothing is changed by any."""
    before, files = environment.aws.inventory(), _files(environment.workspace.folder)
    answers = {name: environment.ops(*command, **variables) for name, command in COMMANDS.items()}
    for name, said in answers.items():
        assert said.text.strip(), name
        complaints = [line for line in said.stderr.splitlines() if not line.startswith("... ")]
        assert not complaints or "Fix: " in said.stderr, said.stderr
    assert environment.aws.inventory() == before
    assert _files(environment.workspace.folder) == files
    return answers


def codes(answers: dict[str, Said]) -> dict[str, int]:
    """Exit codes of the commands."""
    return {name: said.code for name, said in answers.items()}


def _files(folder: Path) -> dict[str, int]:
    """What the commands could have changed here; kubectl's configuration is kubeconfig's to write."""
    return {
        str(path): path.stat().st_mtime_ns
        for path in folder.rglob("*")
        if path.is_file() and ".terraform" not in path.parts and path.name != KUBECONFIG
    }


def checks(said: Said) -> dict[str, dict[str, str]]:
    """Subject -> check, of a preflight with --json."""
    return {check["subject"]: check for check in said.json["checks"]}


@contextmanager
def platform(environment: Inspected, outputs: Mapping[str, str]) -> Iterator[None]:
    """A state of platform with one object and these outputs."""
    release = {"mode": "managed", "type": "helm_release", "name": "airflow", "instances": [{"attributes": {}}]}
    values = {name: {"value": value, "type": "string"} for name, value in outputs.items()}
    state = {"version": 4, "terraform_version": "1.11.4", "serial": 1, "resources": [release], "outputs": values}
    environment.put_state(json.dumps(state), "platform")
    try:
        yield
    finally:
        environment.put_state("", "platform")


@contextmanager
def replaced(environment: Inspected, text: str) -> Iterator[None]:
    """Another text in the place of the state of infrastructure."""
    good = environment.state()
    environment.put_state(text)
    try:
        yield
    finally:
        environment.put_state(good)


@contextmanager
def planning(environment: Inspected) -> Iterator[None]:
    """Terraform plans, and waits for AWS with the lock in its hands; then it is killed."""
    workspace = environment.workspace
    hold = environment.aws.hold("ec2", "DescribeVpcs")
    command = (workspace.toolchain.terraform, f"-chdir={workspace.stack}", "plan", "-input=false", "-no-color")
    with workspace.start(*command):
        hold.wait()
        yield
    hold.drop()
    environment.aws.clear_faults()


@contextmanager
def refused(environment: Inspected, *services: str) -> Iterator[None]:
    """AWS lets the caller do nothing of these services."""
    for service in services:
        environment.aws.fail(service, "*", times=1_000_000)
    try:
        yield
    finally:
        environment.aws.clear_faults()


def fernet_keys(file: Path) -> Any:
    """The key numbers in an environment file."""
    return yaml.safe_load(file.read_text(encoding="utf-8"))["secrets"]["fernet_keys"]


def encrypted(numbers: str) -> str:
    """A state of platform in which the job that encrypts has run with these keys."""
    container = {"env": [{"name": "FERNET_KEY_NUMBERS", "value": numbers}]}
    spec = [{"template": [{"spec": [{"container": [container]}]}]}]
    job = {
        "mode": "managed",
        "type": "kubernetes_job_v1",
        "name": "fernet",
        "instances": [{"attributes": {"spec": spec}}],
    }
    return json.dumps({"version": 4, "terraform_version": "1.11.4", "serial": 1, "resources": [job], "outputs": {}})
