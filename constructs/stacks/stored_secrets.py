"""What of Secrets Manager reaches the cluster: what `infrastructure` has made, and what the environment file names."""

from __future__ import annotations

from dataclasses import dataclass

from constructs.airflow.secrets.kubernetes_secrets import GitCredentials, KubernetesSecretsProps, StoredSecret
from constructs.airflow.secrets.pgbouncer_configuration import PgbouncerConfiguration
from constructs.naming.names import Names
from constructs.secrets.airflow_secrets import SCALER
from constructs.settings.environment import Environment
from constructs.stacks import infrastructure
from constructs.stacks.matching import matching
from constructs.stacks.outputs import InfrastructureOutputs


@dataclass(frozen=True)
class StoredSecrets:
    """An environment's secrets, with the revisions that the file says."""

    environment: Environment
    known: InfrastructureOutputs
    names: Names

    def props(self, namespace: str) -> KubernetesSecretsProps:
        """Return what the secrets of a namespace are made of."""
        known, settings, airflow = self.known, self.environment.secrets, self.environment.airflow
        revisions, of_redis = settings.revisions, airflow.uses_celery
        return KubernetesSecretsProps(
            namespace=namespace,
            database=StoredSecret(id=known.database_secret_arn, revision=revisions.database),
            redis=StoredSecret(id=known.redis_secret_arn, revision=revisions.redis) if of_redis else None,
            api=StoredSecret(id=known.api_secret_arn, revision=revisions.api),
            jwt=StoredSecret(id=known.jwt_secret_arn, revision=revisions.jwt),
            admin=StoredSecret(id=known.admin_secret_arn, revision=revisions.admin) if self.has_admin else None,
            fernet={
                number: known.entry_of_state(infrastructure.NAME, "fernet_secret_arns", position)
                for position, number in enumerate(settings.fernet_keys)
            },
            pgbouncer=PgbouncerConfiguration(
                host=known.database_host,
                port=known.database_port,
                database=known.database_name,
                username=known.database_username,
                **matching(PgbouncerConfiguration, airflow.pgbouncer),
            ),
            scaler=self._scaler,
            git=self._git,
            registry=self.registry,
            sign_in=self._sign_in,
        )

    @property
    def has_admin(self) -> bool:
        """Whether Airflow has the user `admin`."""
        sign_in = self.environment.airflow.sign_in
        return sign_in is None or sign_in.local_admin == "keep"

    @property
    def registry(self) -> StoredSecret | None:
        """The login of the registry that an image of one's own is in."""
        image = self.environment.airflow.image
        if not image or not image.pull_secret_name:
            return None
        return StoredSecret(id=image.pull_secret_name, revision=image.pull_secret_revision)

    @property
    def _scaler(self) -> StoredSecret | None:
        """By its name: what `infrastructure` publishes is the same in every environment."""
        if not self.environment.airflow.autoscales:
            return None
        return StoredSecret(id=self.names.secret(SCALER), revision=self.environment.secrets.revisions.scaler)

    @property
    def _git(self) -> GitCredentials | None:
        dags = self.environment.airflow.dags
        if not dags.uses_git_sync or not dags.credentials_secret:
            return None
        return GitCredentials(
            stored=StoredSecret(id=dags.credentials_secret, revision=dags.credentials_revision),
            token_username=dags.token_username if dags.token_secret_name else None,
        )

    @property
    def _sign_in(self) -> StoredSecret | None:
        sign_in = self.environment.airflow.sign_in
        if not sign_in:
            return None
        return StoredSecret(id=sign_in.client_secret_name, revision=sign_in.client_secret_revision)
