"""The secrets that Airflow's pods read, written into the cluster without passing through any state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from constructs.airflow.secrets import secret_names
from constructs.airflow.secrets.connections import (
    SCALER_USERNAME,
    broker_url,
    direct_url,
    metadata_url,
    result_backend_url,
    scaler_url,
    stats_url,
)
from constructs.airflow.secrets.pgbouncer_configuration import PgbouncerConfiguration
from constructs.airflow.secrets.written_secrets import WrittenSecrets, private_key, revision_of
from constructs.naming.component import Scope


@dataclass(frozen=True, kw_only=True)
class StoredSecret:
    """A secret of Secrets Manager and which revision of it is in use."""

    id: str
    """ARN or name."""

    revision: int
    """Another number writes the value into the cluster anew."""


@dataclass(frozen=True, kw_only=True)
class GitCredentials:
    """What git-sync presents to the repository of the DAGs: a token, or an SSH key."""

    stored: StoredSecret
    token_username: str | None = None
    """User name that goes with a token; None: the secret is an SSH key."""


@dataclass(frozen=True, kw_only=True)
class KubernetesSecretsProps:
    """Inputs of `KubernetesSecrets`."""

    namespace: str
    database: StoredSecret
    redis: StoredSecret | None
    """None where nothing uses a broker."""

    api: StoredSecret
    jwt: StoredSecret
    admin: StoredSecret | None
    """None where there is no such user."""

    fernet: Mapping[int, str]
    """Number -> ARN of the Fernet keys in use, newest first."""

    pgbouncer: PgbouncerConfiguration
    scaler: StoredSecret | None = None
    """Password of KEDA's role in the database; None where nothing is scaled."""

    git: GitCredentials | None = None
    registry: StoredSecret | None = None
    """Docker configuration with the credentials of the image's registry."""

    sign_in: StoredSecret | None = None
    """Secret of the client at the identity provider."""


class KubernetesSecrets(WrittenSecrets):
    """One Kubernetes secret per purpose. Names and keys are those of `secret_names`.

    Encrypted in the cluster by its own KMS key.
    """

    def __init__(self, scope: Scope, id_: str, props: KubernetesSecretsProps) -> None:
        super().__init__(scope, id_, props.namespace)
        self._database(props)
        if props.redis:
            password = self._read("redis", props.redis.id)
            self._secret("redis", secret_names.REDIS, {"password": password}, props.redis.revision)
            broker = {"connection": broker_url(password=password)}
            self._secret("broker", secret_names.BROKER, broker, props.redis.revision)
        for name, kubernetes_name, key, stored in (
            ("api", secret_names.API, "api-secret-key", props.api),
            ("jwt", secret_names.JWT, "jwt-secret", props.jwt),
            ("admin", secret_names.ADMIN, "password", props.admin),
        ):
            if stored:
                self._secret(name, kubernetes_name, {key: self._read(name, stored.id)}, stored.revision)
        self.fernet_revision = revision_of(*props.fernet)
        self._secret("fernet", secret_names.FERNET, {"fernet-key": self._fernet(props.fernet)}, self.fernet_revision)
        self.git_revision = self._git(props.git) if props.git else 0
        if props.registry:
            self._registry(props.registry)
        self.sign_in_revision = self._sign_in(props.sign_in) if props.sign_in else 0

    def _database(self, props: KubernetesSecretsProps) -> None:
        configuration, revision = props.pgbouncer, props.database.revision
        username, password = configuration.username, self._read("database", props.database.id)
        metadata = metadata_url(username=username, password=password, namespace=props.namespace)
        direct = direct_url(
            username=username,
            password=password,
            host=configuration.host,
            port=configuration.port,
            database=configuration.database,
        )
        stats = stats_url(username=username, password=password)
        scaler = self._scaler(props)
        connections = {"connection": metadata}
        if scaler:
            connections["kedaConnection"] = scaler_url(password=scaler, namespace=props.namespace)
        written = revision_of(revision, props.scaler.revision) if props.scaler else revision
        self._secret("metadata", secret_names.METADATA, connections, written)
        self._secret("database", secret_names.DATABASE, {"connection": direct}, revision)
        self._secret("pgbouncer_stats", secret_names.PGBOUNCER_STATS, {"connection": stats}, revision)
        if props.redis:
            results = result_backend_url(username=username, password=password, namespace=props.namespace)
            self._secret("result_backend", secret_names.RESULT_BACKEND, {"connection": results}, revision)
        others = {SCALER_USERNAME: scaler} if scaler else {}
        parts = (revision, configuration.ini(), *([props.scaler.revision] if props.scaler else []))
        self.pgbouncer_revision = revision_of(*parts)
        """Changes with the password and with the configuration: PgBouncer restarts for both."""
        files = {"pgbouncer.ini": configuration.ini(), "users.txt": configuration.users(password, others)}
        self._secret("pgbouncer", secret_names.PGBOUNCER, files, self.pgbouncer_revision)

    def _scaler(self, props: KubernetesSecretsProps) -> str:
        """The password of KEDA's role, kept for the database job; none where nothing is scaled."""
        if not props.scaler:
            return ""
        password = self._read("scaler", props.scaler.id)
        self._secret("scaler", secret_names.SCALER, {"password": password}, props.scaler.revision)
        return password

    def _fernet(self, keys: Mapping[int, str]) -> str:
        # Airflow takes several keys with commas between: it encrypts with the first and decrypts with all of them.
        return ",".join(self._read(f"fernet_{number}", arn) for number, arn in keys.items())

    def _git(self, git: GitCredentials) -> int:
        value = self._read("git", git.stored.id)
        data = {"gitSshKey": private_key(value)}
        if git.token_username is not None:
            # The chart's sidecars ask for the names of git-sync 3 and 4, and start with all four only.
            user = dict.fromkeys(("GITSYNC_USERNAME", "GIT_SYNC_USERNAME"), git.token_username)
            data = user | dict.fromkeys(("GITSYNC_PASSWORD", "GIT_SYNC_PASSWORD"), value)
        revision = revision_of(git.stored.id, git.stored.revision, git.token_username)
        self._secret("git", secret_names.GIT, data, revision)
        return revision

    def _registry(self, stored: StoredSecret) -> None:
        self._secret(
            "registry",
            secret_names.REGISTRY,
            {".dockerconfigjson": self._read("registry", stored.id)},
            revision_of(stored.id, stored.revision),
            kind="kubernetes.io/dockerconfigjson",
        )

    def _sign_in(self, stored: StoredSecret) -> int:
        revision = revision_of(stored.id, stored.revision)
        secret = {"client-secret": self._read("sign_in", stored.id)}
        self._secret("sign_in", secret_names.SIGN_IN, secret, revision)
        return revision
