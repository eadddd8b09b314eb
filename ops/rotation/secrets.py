"""The secrets that can be rotated: where their revision stands and what a deploy then does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from constructs.settings.environment import Environment

#: `constructs/airflow/computed_values/components.py` decides who restarts; the two are compared in tests.
_ALL = "every pod with Airflow in it (api-server, scheduler, DAG processor, triggerer, workers)"


@dataclass(frozen=True, kw_only=True)
class Rotatable:
    """A secret whose rotation is a number raised by one."""

    location: tuple[str, ...]
    """Where the number stands in the environment file."""

    restarts: str
    """Who restarts, for people."""

    effect: str
    """What else happens."""

    before: str = ""
    """What has to be done before the deploy; empty where nothing."""

    used: Callable[[Environment], bool] = lambda _: True
    """Whether the environment has this secret."""

    def revision(self, environment: Environment) -> int:
        """The number as it is now."""
        value: Any = environment
        for key in self.location:
            value = getattr(value, key)
        return int(value)


SECRETS = {
    "database": Rotatable(
        location=("secrets", "revisions", "database"),
        restarts=f"{_ALL} and PgBouncer",
        effect="PostgreSQL gets a new password at once, before the pods have it: connections that are open go on, new "
        "ones fail for the minutes until the pods are replaced. Choose a quiet hour",
    ),
    "redis": Rotatable(
        location=("secrets", "revisions", "redis"),
        restarts=f"Redis and {_ALL}",
        effect="workers that still have the old password reach no queue until they are replaced; tasks that run go on",
        used=lambda environment: environment.airflow.uses_celery,
    ),
    "api": Rotatable(
        location=("secrets", "revisions", "api"),
        restarts=_ALL,
        effect="everybody has to log in anew",
    ),
    "jwt": Rotatable(
        location=("secrets", "revisions", "jwt"),
        restarts="api-server and scheduler",
        effect="tokens signed before are refused: tasks that run may fail to report, and are retried as their DAG says",
    ),
    "admin": Rotatable(
        location=("secrets", "revisions", "admin"),
        restarts="nothing",
        effect="the database job sets the new password of the user admin; python -m ops password prints it then",
    ),
    "scaler": Rotatable(
        location=("secrets", "revisions", "scaler"),
        restarts="PgBouncer",
        effect="the database job gives KEDA's role the new password; until PgBouncer has restarted nothing is scaled",
        used=lambda environment: environment.airflow.autoscales,
    ),
    "git": Rotatable(
        location=("airflow", "dags", "credentials_revision"),
        restarts="DAG processor, workers and, with git-sync, triggerer",
        effect="DAGs are fetched with the new credentials",
        before="put the new token or key into its secret in Secrets Manager",
        used=lambda environment: bool(environment.airflow.dags.credentials_secrets),
    ),
    "registry": Rotatable(
        location=("airflow", "image", "pull_secret_revision"),
        restarts="nothing",
        effect="nodes pull images with the new login from then on",
        before="put the new login into its secret in Secrets Manager",
        used=lambda environment: bool(environment.airflow.image and environment.airflow.image.pull_secret_name),
    ),
    "sign_in": Rotatable(
        location=("airflow", "sign_in", "client_secret_revision"),
        restarts="api-server",
        effect="the api-server shows the identity provider the new secret of its client; who is signed in stays so",
        before="make a second secret of the client at the provider, and put it into its secret in Secrets Manager; "
        "take the old one away at the provider when the deploy is done",
        used=lambda environment: environment.airflow.sign_in is not None,
    ),
}
