"""Values of the chart that the stack computes or relies on, and that the user's file may therefore not hold.

The same for every environment: the file is shared by all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

#: Start of the annotations with the revision of a secret: another one restarts the pods that use the secret.
REVISION_PREFIX = "secret-revision/"
#: Prometheus finds pods by these.
SCRAPE_PREFIX = "prometheus.io/"

#: Component in the chart's values -> in the environment file.
REPLICATED = {
    "apiServer": "api_server",
    "scheduler": "scheduler",
    "dagProcessor": "dag_processor",
    "triggerer": "triggerer",
    "workers.celery": "workers",
    "pgbouncer": "pgbouncer",
}


@dataclass(frozen=True)
class Owner:
    """Why a value is not the user's, and what to do instead."""

    why: str
    instead: str


def _setting(key: str, why: str = "the stack computes it from the environment file") -> Owner:
    return Owner(why, f"remove it; the setting is airflow.{key} in environments/<name>.yaml")


_SECRET = Owner(
    "the stack makes this secret in the cluster itself; in these values it would stand in Terraform's state",
    "remove it; the values of all secrets are in AWS Secrets Manager",
)
_ELSEWHERE = Owner(
    "a secret in these values would stand in Terraform's state",
    "make the Kubernetes secret in another way, and name it where it is used (secret, extraEnvFrom, volumes)",
)
_JOB = Owner(
    "a job of the stack's own does this: the chart's cannot be changed within five minutes, and makes a user "
    "admin/admin (docs/decisions/0016-database-job.md)",
    "remove it",
)
_DATABASE = Owner("the metadata database is the stack's, on RDS, behind PgBouncer", "remove it; see section database")
_NAMES = Owner(
    "permissions in AWS, network policies and URLs rely on the names that the chart gives by default", "remove it"
)
_WEB = Owner("the load balancer is the stack's, not the chart's", "remove it; the setting is airflow.web")
_VOLUME = Owner("logs are in S3 and DAGs come from Git: the queue's volume is the only one", "remove it")
_LOGS = Owner("task logs go to the stack's bucket", "remove it")
_PROXY = Owner("the web server trusts the stack's load balancer, and it alone", "remove it")
_FLOWER = Owner("it would show and control the workers to everybody who reaches it, without a login", "remove it")
_REVISIONS = Owner("annotations of this prefix restart pods when a secret changes", "choose another name")
_SCRAPING = Owner("the stack annotates what Prometheus scrapes", "remove it; the setting is airflow.scraping")
_FLAT_WORKERS = Owner(
    "chart 1.22 keeps this place for compatibility, and its later versions don't",
    "write it below workers.celery, or below workers.kubernetes for the pods of the KubernetesExecutor",
)
_VARIABLES = Owner("the stack's own variables stand there", "write yours into env: a list of name and value")

_PODS = Owner(
    "whoever starts pods reads every secret of the namespace; with a KubernetesExecutor it is on, else off",
    "remove it; the setting is airflow.executor in environments/<name>.yaml",
)
_ALWAYS = Owner("Airflow is not complete without it", "remove it")

#: Variables that the chart fills from the stack's secrets.
_SECRET_VARIABLES = (
    *("AIRFLOW__CORE__FERNET_KEY", "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "AIRFLOW__API__SECRET_KEY"),
    *("AIRFLOW__API_AUTH__JWT_SECRET", "AIRFLOW__CELERY__BROKER_URL", "AIRFLOW__CELERY__RESULT_BACKEND"),
)
#: Of the chart's own pgbouncer.ini, which nothing reads beside the stack's.
_PGBOUNCER_INI = (
    *("auth_type", "auth_file", "ciphers", "sslmode", "verbose", "logConnections", "logDisconnections"),
    *("extraIni", "extraIniMetadata", "extraIniResultBackend"),
)

_IMAGE = _setting("image")
_DAGS = _setting("dags")
_CLEANUP = _setting("cleanup")

_SINGLE: Mapping[str, Owner] = {
    "executor": _setting("executor"),
    "airflowVersion": _setting("version"),
    "defaultAirflowTag": _setting("version"),
    "defaultAirflowRepository": _IMAGE,
    "defaultAirflowDigest": _IMAGE,
    "images.airflow.repository": _IMAGE,
    "images.airflow.tag": _IMAGE,
    "images.airflow.digest": _IMAGE,
    "images.pod_template.repository": _IMAGE,
    "images.pod_template.tag": _IMAGE,
    "images.useDefaultImageForMigration": _IMAGE,
    "imagePullSecrets": _setting("image.pull_secret_name"),
    "registry": _setting("image.pull_secret_name"),
    "fullnameOverride": _NAMES,
    "nameOverride": _NAMES,
    "useStandardNaming": _NAMES,
    "ports": _NAMES,
    "apiServer.service": _WEB,
    "ingress": _WEB,
    "networkPolicies": Owner("the stack has its own network policies", "remove it; see airflow.task_egress"),
    "quotas": _setting("quota"),
    "limits": _setting("limit_range"),
    "extraEnv": _VARIABLES,
    "apiServer.env": _VARIABLES,
    "apiServer.args": _PROXY,
    "apiServer.command": _PROXY,
    "fernetKey": _SECRET,
    "fernetKeySecretName": _SECRET,
    "apiSecretKey": _SECRET,
    "apiSecretKeySecretName": _SECRET,
    "jwtSecret": _SECRET,
    "jwtSecretName": _SECRET,
    "extraSecrets": _ELSEWHERE,
    "createUserJob": _JOB,
    "migrateDatabaseJob": _JOB,
    "postgresql": _DATABASE,
    "data": _DATABASE,
    "flower": _FLOWER,
    "redis.enabled": _setting("executor"),
    "redis.password": _SECRET,
    "redis.passwordSecretName": _SECRET,
    "redis.persistence": _setting("components.redis.volume_size_gib"),
    "redis.resources": _setting("components.redis"),
    "statsd.enabled": Owner("Airflow's metrics go there", "remove it"),
    "statsd.resources": _setting("components.statsd"),
    "pgbouncer.enabled": _DATABASE,
    "pgbouncer.configSecretName": _SECRET,
    "pgbouncer.mountConfigSecret": _SECRET,
    "pgbouncer.ssl": _DATABASE,
    "pgbouncer.metricsExporterSidecar.statsSecretName": _SECRET,
    "pgbouncer.metricsExporterSidecar.statsSecretKey": _SECRET,
    "allowPodLaunching": _PODS,
    "allowJobLaunching": _PODS,
    "apiServer.allowPodLogReading": _PODS,
    "rbac": _NAMES,
    "webserver": Owner("Airflow 3 has no webserver", "write it below apiServer, where the chart has that name"),
    "multiNamespaceMode": _NAMES,
    "podTemplate": Owner(
        "the chart's own template carries what the stack computes", "use the keys of workers.kubernetes"
    ),
    **{f"{component}.enabled": _ALWAYS for component in ("apiServer", "scheduler", "dagProcessor", "triggerer")},
    **{f"enableBuiltInSecretEnvVars.{name}": _SECRET for name in _SECRET_VARIABLES},
    **{f"pgbouncer.{name}": _DATABASE for name in _PGBOUNCER_INI},
    "pgbouncer.metadataPoolSize": _setting("pgbouncer.metadata_pool_size"),
    "pgbouncer.resultBackendPoolSize": _setting("pgbouncer.result_backend_pool_size"),
    "pgbouncer.maxClientConn": _setting("pgbouncer.max_client_connections"),
    "workers.celery.terminationGracePeriodSeconds": _setting("components.workers.termination_grace_seconds"),
    "workers.celery.persistence": _VOLUME,
    "workers.celery.logGroomerSidecar.requirePersistence": _VOLUME,
    "workers.kubernetes.resources": _setting("components.task_pod"),
    "triggerer.persistence": _VOLUME,
    "logs.persistence": _VOLUME,
    "dags.persistence": _VOLUME,
    "dags.mountPath": _DAGS,
    "dags.gitSync.resources": _setting("components.git_sync"),
    "databaseCleanup.enabled": _CLEANUP,
    "databaseCleanup.schedule": _CLEANUP,
    "databaseCleanup.retentionDays": _CLEANUP,
    "config.core.executor": _setting("executor"),
    "config.core.auth_manager": Owner("the first user is one of this auth manager", "remove it"),
    "config.core.hostname_callable": Owner("live logs are read from workers by their address", "remove it"),
    "config.core.execution_api_server_url": _NAMES,
    "config.core.fernet_key": _SECRET,
    "config.database.sql_alchemy_conn": _SECRET,
    "config.database.sql_alchemy_conn_async": _SECRET,
    "config.celery.broker_url": _SECRET,
    "config.celery.result_backend": _SECRET,
    "config.celery.worker_concurrency": _setting("components.workers.concurrency"),
    "config.api.base_url": _setting("web.host_name"),
    "config.api.secret_key": _SECRET,
    "config.api.server_type": _PROXY,
    "config.api_auth.jwt_secret": _SECRET,
    "config.fab.enable_proxy_fix": _PROXY,
    "config.fab.proxy_fix_x_host": _PROXY,
    "config.fab.proxy_fix_x_prefix": _PROXY,
    "config.fab.cookie_secure": _PROXY,
    "config.logging.remote_logging": _LOGS,
    "config.logging.remote_base_log_folder": _LOGS,
    "config.logging.remote_log_conn_id": _LOGS,
    "config.secrets.backend": _setting("secrets_backend"),
    "config.secrets.backend_kwargs": _setting("secrets_backend"),
    "config.kubernetes_executor.namespace": _NAMES,
    "config.kubernetes_executor.worker_container_repository": _IMAGE,
    "config.kubernetes_executor.worker_container_tag": _IMAGE,
}

_GIT_SYNC = ("enabled", "repo", "branch", "rev", "ref", "subPath", "period", "wait", "maxFailures", "knownHosts")
_GIT_CREDENTIALS = ("credentialsSecret", "sshKey", "sshKeySecret")
_OF_REPLICATED = ("replicas", "resources", "podDisruptionBudget", "topologySpreadConstraints")

_OF_COMPONENTS: Mapping[str, Owner] = {
    **{f"dags.gitSync.{name}": _DAGS for name in (*_GIT_SYNC, *_GIT_CREDENTIALS)},
    **{
        f"{component}.{name}": _setting(f"components.{setting}")
        for component, setting in REPLICATED.items()
        for name in _OF_REPLICATED
    },
    **{
        f"{component}.logGroomerSidecar.resources": _setting("components.log_groomer")
        for component in ("scheduler", "dagProcessor", "triggerer", "workers.celery")
    },
    **{
        f"{component}.serviceAccount.{name}": _NAMES
        for component in ("apiServer", "scheduler", "dagProcessor", "triggerer", "workers.celery", "workers.kubernetes")
        for name in ("create", "name")
    },
    **{
        f"{component}.serviceAccount.automountServiceAccountToken": _PODS
        for component in ("apiServer", "scheduler", "triggerer", "workers.celery")
    },
}

#: Path -> owner, of everything from there on.
OWNED: Mapping[str, Owner] = {**_SINGLE, **_OF_COMPONENTS}

#: Variables of the environment that the stack sets, beside those that stand for an owned value of `config`.
OWN_VARIABLES = ("AIRFLOW_CONN_AWS_DEFAULT", "AWS_DEFAULT_REGION", "AWS_REGION", "FORWARDED_ALLOW_IPS")


def owner_of(path: Sequence[str]) -> Owner | None:
    """Return the owner of the value at a path of names, None if it is the user's."""
    if path[-2:-1] and path[-2] in {"podAnnotations", "airflowPodAnnotations"}:
        for prefix, owner in ((REVISION_PREFIX, _REVISIONS), (SCRAPE_PREFIX, _SCRAPING)):
            if path[-1].startswith(prefix):
                return owner
    if len(path) > 1 and path[0] == "workers" and path[1] not in {"celery", "kubernetes"}:
        return _FLAT_WORKERS
    above = (OWNED.get(".".join(path[:length])) for length in range(1, len(path) + 1))
    return next((owner for owner in above if owner), None)


def owned_below(path: Sequence[str]) -> bool:
    """Whether part of the map at a path is owned: it may be added to, but not be replaced as a whole."""
    start = ".".join(path) + "."
    return any(owned.startswith(start) for owned in OWNED)


def owner_of_variable(name: str) -> Owner | None:
    """Return the owner of an environment variable of Airflow's containers."""
    if name in OWN_VARIABLES:
        return _VARIABLES
    owners = (owner_of(("config", section, key)) for section, key in _readings(name))
    return next((owner for owner in owners if owner), None)


def _readings(name: str) -> Iterator[tuple[str, str]]:
    """`("core", "fernet_key")` of `AIRFLOW__CORE__FERNET_KEY` and of `AIRFLOW__CORE__FERNET_KEY_CMD`."""
    airflow, _, rest = name.lower().partition("__")
    section, _, key = rest.partition("__")
    if airflow != "airflow" or not key:
        return
    yield section, key
    for suffix in ("_cmd", "_secret"):
        if key.endswith(suffix):
            yield section, key.removesuffix(suffix)
