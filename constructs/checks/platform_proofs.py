"""What must hold of the stack `platform`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from constructs.airflow.secrets import secret_names
from constructs.checks.synthesized import SynthesizedStack

#: What the stack may hold: objects in the cluster, reads, and one record in DNS.
_ALLOWED = (
    *("kubernetes_", "helm_release.", "aws_route53_record."),
    *("data.terraform_remote_state.infrastructure", "ephemeral.aws_secretsmanager_secret_version."),
)

_INGRESS = "kubernetes_ingress_v1.airflow"

#: What has to exist first -> what is made after it and deleted before it. Each edge was missing once on a real cluster.
_ORDER = (
    ("kubernetes_secret_v1.database", "kubernetes_job_v1.database"),
    ("kubernetes_config_map_v1.rds_ca", "kubernetes_job_v1.database"),
    ("kubernetes_network_policy_v1.database_job", "kubernetes_job_v1.database"),
    ("kubernetes_job_v1.database", "helm_release.airflow"),
    ("kubernetes_storage_class_v1.gp3", "helm_release.airflow"),
    ("kubernetes_network_policy_v1.default_deny", "helm_release.airflow"),
    ("helm_release.load_balancer_controller", _INGRESS),
    ("helm_release.airflow", _INGRESS),
)


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


def comes_up_and_goes_down_in_order(stack: SynthesizedStack) -> Iterator[str]:
    """Secrets and migration before Airflow, the controller before the load balancer; the reverse on destroy."""
    order = list(_ORDER)
    # Without the user `admin` (airflow.sign_in.local_admin) no pod has his password.
    if secret_names.ADMIN in str(stack.resources("kubernetes_job_v1").get("database")):
        order.append(("kubernetes_secret_v1.admin", "kubernetes_job_v1.database"))
    for first, then in order:
        if then == _INGRESS and not _exists(stack, then):
            continue  # nothing of a load balancer is asked for
        if not _exists(stack, first):
            yield f"{first} is missing"
        elif first not in _depends_on(stack, then):
            yield f"{then} does not wait for {first}"
    for name, secret in stack.resources("kubernetes_secret_v1").items():
        if f"kubernetes_secret_v1.{name}" not in _depends_on(stack, "helm_release.airflow"):
            yield f"helm_release.airflow does not wait for the secret {secret['metadata']['name']}"


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


def _exists(stack: SynthesizedStack, address: str) -> bool:
    terraform_type, _, name = address.partition(".")
    return name in stack.resources(terraform_type)


def _depends_on(stack: SynthesizedStack, address: str) -> list[str]:
    terraform_type, _, name = address.partition(".")
    found: list[str] = stack.resources(terraform_type).get(name, {}).get("depends_on", [])
    return found


PLATFORM_PROOFS: tuple[Callable[[SynthesizedStack], Iterator[str]], ...] = (
    makes_nothing_of_infrastructure,
    secrets_are_write_only,
    comes_up_and_goes_down_in_order,
    database_connections_are_verified,
)
