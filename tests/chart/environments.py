"""Values of the shipped environments with any executor: what the stack computes over what helm/values.yaml says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from constructs.airflow.computed_values.release import ReleaseValuesProps, computed_values
from constructs.airflow.network.network_rules import NetworkFacts, rules
from constructs.airflow.network.peers import Pods
from constructs.airflow.user_values.file import FILE, read_user_values
from constructs.airflow.values.merge import merged
from constructs.settings.environment import Environment
from constructs.settings.loading.environment_file import load_environment
from constructs.settings.sections.airflow.airflow import TESTED_VERSION
from constructs.settings.sections.airflow.executors import EXECUTORS

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENTS = ("dev", "prod")
#: Every shipped environment with every executor.
CASES = [(name, executor) for name in ENVIRONMENTS for executor in EXECUTORS]

CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
REVISIONS = {"database": 1, "pgbouncer": 11, "redis": 2, "fernet": 3, "api": 4, "jwt": 5, "git": 6, "sign_in": 7}

#: Settings that reach parts of the chart which the shipped environments leave out.
PRIVATE_BY_TOKEN = {"repository": "https://github.com/acme/dags.git", "token_secret_name": "acme/dags-token"}
PRIVATE_BY_SSH = {
    "repository": "git@github.com:acme/dags.git",
    "ssh_key_secret_name": "acme/dags-key",
    "known_hosts": "github.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl",
}
OWN_IMAGE = {
    "repository": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/airflow",
    "digest": f"sha256:{'0123456789abcdef' * 4}",
    "pull_secret_name": "acme/registry",
}
ENCRYPTED = {
    "allowed_cidrs": ["203.0.113.0/24"],
    "certificate_arn": "arn:aws:acm:eu-west-1:111122223333:certificate/11111111-1111-4111-8111-111111111111",
    "host_name": "airflow.example.com",
}
#: Takes a certificate.
SIGN_IN = {
    "provider": "keycloak",
    "discovery_url": "https://login.example.com/realms/acme/.well-known/openid-configuration",
    "client_id": "airflow",
    "client_secret_name": "acme/sign-in",
    "roles": {"airflow-admins": "Admin", "analysts": "Viewer"},
}
EVERYTHING: Mapping[str, Any] = {
    "dags": PRIVATE_BY_TOKEN,
    "image": OWN_IMAGE,
    "cleanup": {"schedule": "0 4 * * 6", "retention_days": 30},
    "scraping": True,
    "secrets_backend": True,
    "web": ENCRYPTED,
    "sign_in": SIGN_IN,
}


def environment(name: str, **changes: Any) -> Environment:
    """A shipped environment, keys of its section `airflow` replaced; `node_groups` and `node_pools` are added."""
    node_groups, node_pools = (changes.pop(name, None) for name in ("node_groups", "node_pools"))
    shipped = load_environment(ROOT / "environments" / f"{name}.yaml")
    values = yaml.safe_load((ROOT / "environments" / f"{name}.yaml").read_text(encoding="utf-8"))
    if not changes:
        return shipped
    values["airflow"] |= {"version": TESTED_VERSION, **changes}  # written, as it has to be beside a digest
    values["cluster"]["node_groups"] |= node_groups or {}
    values["cluster"]["node_pools"] = node_pools or {}
    return Environment.model_validate(values)


def props(environment: Environment, **changes: Any) -> ReleaseValuesProps:
    """What the stack `platform` would hand over, but for what only a deployed stack knows."""
    arguments: dict[str, Any] = {
        "airflow": environment.airflow,
        "nodes": environment.cluster.nodes,
        "zones": len(environment.availability_zones),
        "rds_root_certificates": CERTIFICATE,
        "proxy_cidrs": ("10.0.192.0/21", "10.0.200.0/21"),
        "log_bucket": "airflow-logs",
        "region": environment.region,
        "prefix": f"airflow-{environment.name}",
        "revisions": REVISIONS,
    }
    return ReleaseValuesProps(**arguments | changes)


def values(name: str, *, revisions: Mapping[str, int] = REVISIONS, **changes: Any) -> dict[str, Any]:
    """All values of a shipped environment, some keys of its section `airflow` replaced."""
    computed = computed_values(props(environment(name, **changes), revisions=revisions))
    return merged(read_user_values(ROOT / FILE).values, computed)


def components(environment: Environment, *, pod_cleanup: bool = False) -> set[str]:
    """Pods, by their label `component`, that have a network policy in an environment."""
    airflow = environment.airflow
    subnets = environment.network.plan(environment.availability_zones)
    facts = NetworkFacts(
        uses_celery=airflow.uses_celery,
        uses_kubernetes=airflow.uses_kubernetes,
        proxy_cidrs=subnets.public,
        private_subnet_cidrs=subnets.private,
        database_subnet_cidrs=subnets.database,
        service_cidr=environment.cluster.service_cidr,
        scraping=airflow.scraping,
        database_cleanup=airflow.cleanup is not None,
        pod_cleanup=pod_cleanup,
    )
    peers = [peer for rule in rules(facts) for peer in (*rule.sources, rule.destination)]
    return {peer.component for peer in peers if isinstance(peer, Pods)}
