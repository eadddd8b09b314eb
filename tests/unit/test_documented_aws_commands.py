"""AWS CLI commands in the documents: services, operations and options are AWS's, and none is missing."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name
from botocore.exceptions import UnknownServiceError

from tests.unit.test_documents import DOCUMENTS, ROOT, command_lines, inline, words

SESSION = botocore.session.get_session()

#: Of every command (AWS CLI user guide, "Command line options").
GLOBAL = {"--region", "--query", "--output", "--profile", "--endpoint-url"}
#: The CLI's own, which no service has -> their options.
OWN: dict[tuple[str, str], set[str]] = {
    ("ecr", "get-login-password"): set(),
    ("eks", "get-token"): {"--cluster-name"},
    ("eks", "update-kubeconfig"): {"--name"},
    ("sso", "login"): {"--profile"},
}

#: Options that the CLI calls otherwise than the service, as `--version` is its own.
RENAMED = {("eks", "update-nodegroup-version"): {"--kubernetes-version"}}


@cache
def operations(service: str) -> dict[str, tuple[set[str], set[str]]]:
    """Each operation of a service as the CLI calls it -> options, required ones.

    Raises:
        UnknownServiceError: AWS has no such service.
    """
    model = SESSION.get_service_model("s3" if service == "s3api" else service)
    found = {}
    for name in model.operation_names:
        shape = model.operation_model(name).input_shape
        members, required = (shape.members, shape.required_members) if shape else ({}, [])
        options = {f"--{xform_name(member, '-')}" for member in members}
        negated = {f"--no-{xform_name(member, '-')}" for member, kind in members.items() if kind.type_name == "boolean"}
        found[xform_name(name, "-")] = (options | negated, {f"--{xform_name(member, '-')}" for member in required})
    return found


def waits(service: str) -> set[str]:
    """What `aws SERVICE wait` waits for."""
    return {xform_name(name, "-") for name in SESSION.get_waiter_model(service).waiter_names}


def mistake(line: str, *, complete: bool = True) -> str | None:
    """What AWS's CLI would refuse about a command; None if nothing, or if it is another one's.

    With `complete` options that are required have to be there.
    """
    parts = words(line) if re.match(r"\s*(\w+=\S+ )*aws [a-z]", line) else []
    if len(parts) < 3:  # no operation is named
        return None
    _, service, operation, *rest = parts
    given = {word.partition("=")[0] for word in rest if word.startswith("--")} - GLOBAL
    if (service, operation) in OWN:
        unknown = given - OWN[service, operation]
        return f"unknown: {', '.join(sorted(unknown))}" if unknown else None
    try:
        known = operations(service)
        if operation == "wait":
            return None if rest and rest[0] in waits(service) else f"{service} waits for no such thing"
    except UnknownServiceError:
        return f"there is no service {service}"
    if operation not in known:
        return f"{service} has no operation {operation}"
    options, required = known[operation]
    options = options | RENAMED.get((service, operation), set())
    unknown, missing = given - options, required - given if complete else set()
    return f"unknown: {sorted(unknown)}, missing: {sorted(missing)}" if unknown or missing else None


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_is_one_of_aws(document: Path) -> None:
    """In blocks complete, inside sentences as far as they go."""
    text = document.read_text(encoding="utf-8")
    sentences = inline(text)
    checked = {line: mistake(line, complete=line not in sentences) for line in command_lines(text)}
    assert {line.strip(): wrong for line, wrong in checked.items() if wrong} == {}


@pytest.mark.parametrize(
    "line",
    [
        "aws rdds describe-db-instances --db-instance-identifier airflow-dev",
        "aws rds describe-db-instance --db-instance-identifier airflow-dev",
        "aws rds describe-db-instances --db-instance airflow-dev",
        "aws rds create-db-snapshot --db-instance-identifier airflow-dev",
        "aws rds wait db-instance-there --db-instance-identifier airflow-dev",
        "aws eks update-kubeconfig --cluster-name airflow-dev",
    ],
)
def test_mistakes_are_found(line: str) -> None:
    """A wrong service, operation, option or event, and a missing option."""
    assert mistake(line)
