"""What must hold of the stack `platform`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from constructs.airflow.secrets import secret_names
from constructs.checks.order import Wait, comes_up_and_goes_down_in_order, out_of_order
from constructs.checks.synthesized import SynthesizedStack

#: What the stack may hold: objects in the cluster, reads, and one record in DNS.
_ALLOWED = (
    *("kubernetes_", "helm_release.", "aws_route53_record."),
    *("data.terraform_remote_state.infrastructure", "ephemeral.aws_secretsmanager_secret_version."),
)

#: The user `admin`, where there is one (airflow.sign_in.local_admin).
_ADMIN = Wait("kubernetes_secret_v1.admin", "kubernetes_job_v1.database", "it would have no password of the user admin")


def makes_nothing_of_infrastructure(stack: SynthesizedStack) -> Iterator[str]:
    """Two stacks that make one object would undo each other's work; on destroy this one goes while the other stays."""
    for address in stack.addresses:
        if not address.startswith(_ALLOWED):
            yield f"{address} belongs to infrastructure"


def secrets_are_write_only(stack: SynthesizedStack) -> Iterator[str]:
    """Any other argument would put a secret's value into the state, and values of a release into every plan."""
    for name, secret in stack.resources("kubernetes_secret_v1").items():
        for argument in ("data", "binary_data"):
            if secret.get(argument):
                yield f"kubernetes_secret_v1.{name} is in the state: it has {argument}"
        if not secret.get("data_wo_revision"):
            yield f"kubernetes_secret_v1.{name} would never be written again: it has no data_wo_revision"
    for terraform_type, named in stack.document.get("resource", {}).items():
        for name, arguments in named.items():
            if "ephemeral." in str({key: value for key, value in arguments.items() if key != "data_wo"}):
                yield f"{terraform_type}.{name} has a secret where Terraform stores it"


def the_user_admin_has_a_password(stack: SynthesizedStack) -> Iterator[str]:
    """Where the job makes him."""
    if secret_names.ADMIN in str(stack.resources("kubernetes_job_v1").get("database")):
        yield from out_of_order(stack, [_ADMIN])


def database_connections_are_verified(stack: SynthesizedStack) -> Iterator[str]:
    """Whoever connects to RDS checks its certificate and its name."""
    for name, files in _pgbouncer_files(stack):
        if "server_tls_sslmode = verify-full" not in files:
            yield f"kubernetes_secret_v1.{name}: PgBouncer does not verify the database"
    for name, job in stack.resources("kubernetes_job_v1").items():
        variables = [variable for container in _containers(job) for variable in container.get("env", [])]
        if {"name": "PGSSLMODE", "value": "verify-full"} not in variables:
            yield f"kubernetes_job_v1.{name} does not verify the database"


def _pgbouncer_files(stack: SynthesizedStack) -> Iterator[tuple[str, str]]:
    for name, secret in stack.resources("kubernetes_secret_v1").items():
        if "pgbouncer.ini" in secret.get("data_wo", {}):
            yield name, secret["data_wo"]["pgbouncer.ini"]


def _containers(job: Mapping[str, Any]) -> list[dict[str, Any]]:
    containers: list[dict[str, Any]] = job["spec"]["template"]["spec"]["container"]
    return containers


PLATFORM_PROOFS: tuple[Callable[[SynthesizedStack], Iterator[str]], ...] = (
    makes_nothing_of_infrastructure,
    secrets_are_write_only,
    comes_up_and_goes_down_in_order,
    the_user_admin_has_a_password,
    database_connections_are_verified,
)
