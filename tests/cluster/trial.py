"""An environment on a real Kubernetes API that the tests change step by step."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.cluster.kubernetes_api import KubernetesApi
from tests.cluster.stand_in import StandIn
from tests.emulator import Emulator
from tests.terraform.account import client
from tests.terraform.evolving import Evolving
from tests.terraform.workspace import Workspace

GIT_SECRET = "team/git-token"
GIT_USERNAME = "git"

APPLY = ("apply", "-auto-approve", "-input=false")


@dataclass
class Trial:
    """The environment's file, its two stacks, the account and the cluster that they are in."""

    evolving: Evolving
    aws: Emulator
    api: KubernetesApi
    stand_in: StandIn
    account_before: list[str]
    cluster_before: list[str]
    deploy_output: str = ""

    @property
    def infrastructure(self) -> Workspace:
        """The workspace of the first stack."""
        return self.evolving.workspace.of("infrastructure")

    @property
    def platform(self) -> Workspace:
        """The workspace of the second stack."""
        return self.evolving.workspace.of("platform")

    def change(self, **sections: Any) -> None:
        """Edit the file and deploy what has changed: both stacks for secrets, else the second alone."""
        self.evolving.edit(**sections)
        if "secrets" in sections:
            # Nobody has touched anything: what is in the state is in the account.
            self.infrastructure.terraform(*APPLY, "-refresh=false")
        self.platform.terraform(*APPLY)

    def stored(self) -> dict[str, str]:
        """Name without prefix -> current value in Secrets Manager."""
        secrets = client(self.aws, "secretsmanager")
        names = [secret["Name"] for secret in secrets.list_secrets()["SecretList"]]
        return {
            name.removeprefix("airflow-dev/"): secrets.get_secret_value(SecretId=name)["SecretString"] for name in names
        }

    def store_git_token(self, token: str) -> None:
        """What people do who have a private repository."""
        secrets = client(self.aws, "secretsmanager")
        if any(secret["Name"] == GIT_SECRET for secret in secrets.list_secrets()["SecretList"]):
            secrets.put_secret_value(SecretId=GIT_SECRET, SecretString=token)
        else:
            secrets.create_secret(Name=GIT_SECRET, SecretString=token)

    def expected_secrets(self) -> dict[str, dict[str, str]]:
        """What the cluster's secrets have to hold, written down by hand; pgbouncer.ini holds no secret."""
        stored, host = self.stored(), self.infrastructure.outputs()["database_host"]
        database, git = stored["database"], stored[GIT_SECRET]
        fernet = [value for name, value in sorted(stored.items(), reverse=True) if name.startswith("fernet-")]
        server = "postgresql://airflow:{}@{}"
        return {
            "airflow-ext-metadata": {
                "connection": server.format(
                    database, "airflow-pgbouncer.airflow.svc.cluster.local:6543/airflow-metadata"
                )
            },
            "airflow-ext-result-backend": {
                "connection": "db+"
                + server.format(database, "airflow-pgbouncer.airflow.svc.cluster.local:6543/airflow-result-backend")
            },
            "airflow-ext-database": {"connection": server.format(database, f"{host}:5432/airflow")},
            "airflow-ext-pgbouncer": {"users.txt": f'"airflow" "{database}"\n'},
            "airflow-ext-pgbouncer-stats": {
                "connection": server.format(database, "127.0.0.1:6543/pgbouncer?sslmode=disable")
            },
            "airflow-ext-broker": {"connection": f"redis://:{stored['redis']}@airflow-redis:6379/0"},
            "airflow-ext-redis": {"password": stored["redis"]},
            "airflow-ext-fernet": {"fernet-key": ",".join(fernet)},
            "airflow-ext-api": {"api-secret-key": stored["api"]},
            "airflow-ext-jwt": {"jwt-secret": stored["jwt"]},
            "airflow-ext-admin": {"password": stored["admin"]},
            "airflow-ext-git": {
                **dict.fromkeys(("GITSYNC_USERNAME", "GIT_SYNC_USERNAME"), GIT_USERNAME),
                **dict.fromkeys(("GITSYNC_PASSWORD", "GIT_SYNC_PASSWORD"), git),
            },
        }


def wait_for(what: Callable[[], object], seconds: float = 300.0) -> None:
    """Return when `what` is true.

    Raises:
        TimeoutError: it wasn't, in `seconds`.
    """
    until = time.monotonic() + seconds
    while not what():
        if time.monotonic() > until:
            raise TimeoutError(f"not within {seconds:.0f} s")
        time.sleep(0.2)
