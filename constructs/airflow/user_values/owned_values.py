"""Values of the chart that the stack computes or relies on, and that the user's file may therefore not hold.

The same for every environment: the file is shared by all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from constructs.airflow.user_values import owners
from constructs.airflow.user_values.dead_ends import dead_end
from constructs.airflow.user_values.owned_options import OWNED_OPTIONS, owner_of_option
from constructs.airflow.user_values.owners import Owner

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

#: Variables that the chart fills from secrets, of those options that are the stack's secrets.
_SECRET_VARIABLES = (
    *("AIRFLOW__CORE__FERNET_KEY", "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "AIRFLOW__API__SECRET_KEY"),
    *("AIRFLOW__API_AUTH__JWT_SECRET", "AIRFLOW__CELERY__BROKER_URL", "AIRFLOW__CELERY__RESULT_BACKEND"),
)
#: Of the chart's own pgbouncer.ini, which nothing reads beside the stack's.
_PGBOUNCER_INI = (
    *("auth_type", "auth_file", "ciphers", "sslmode", "verbose", "logConnections", "logDisconnections"),
    *("extraIni", "extraIniMetadata", "extraIniResultBackend"),
)

_SINGLE: Mapping[str, Owner] = {
    "executor": owners.setting("executor"),
    "airflowVersion": owners.setting("version"),
    "defaultAirflowTag": owners.setting("version"),
    "defaultAirflowRepository": owners.IMAGE,
    "defaultAirflowDigest": owners.IMAGE,
    "images.airflow.repository": owners.IMAGE,
    "images.airflow.tag": owners.IMAGE,
    "images.airflow.digest": owners.IMAGE,
    "images.pod_template.repository": owners.IMAGE,
    "images.pod_template.tag": owners.IMAGE,
    "images.useDefaultImageForMigration": owners.IMAGE,
    "imagePullSecrets": owners.setting("image.pull_secret_name"),
    "registry": owners.setting("image.pull_secret_name"),
    "fullnameOverride": owners.NAMES,
    "nameOverride": owners.NAMES,
    "useStandardNaming": owners.NAMES,
    "ports": owners.NAMES,
    "apiServer.service": owners.WEB,
    "ingress": owners.WEB,
    "networkPolicies": Owner("the stack has its own network policies", "remove it; see airflow.task_egress"),
    "quotas": owners.setting("quota"),
    "limits": owners.setting("limit_range"),
    "apiServer.args": owners.PROXY,
    "apiServer.command": owners.PROXY,
    "fernetKey": owners.SECRET,
    "fernetKeySecretName": owners.SECRET,
    "apiSecretKey": owners.SECRET,
    "apiSecretKeySecretName": owners.SECRET,
    "jwtSecret": owners.SECRET,
    "jwtSecretName": owners.SECRET,
    "webserverSecretKey": owners.SECRET,
    "webserverSecretKeySecretName": owners.SECRET,
    "extraSecrets": owners.ELSEWHERE,
    **{
        f"{logs}.connection.pass": owners.named_secret(f"{logs}.secretName", "the whole URL in its key connection")
        for logs in ("elasticsearch", "opensearch")
    },
    "kerberos.keytabBase64Content": Owner(
        owners.ELSEWHERE.why,
        "make a Kubernetes secret airflow-kerberos-keytab, the file in its key kerberos.keytab: the chart mounts it",
    ),
    "createUserJob": owners.JOB,
    "migrateDatabaseJob": owners.JOB,
    "postgresql": owners.DATABASE,
    **{f"data.metadata{name}": owners.DATABASE for name in ("Connection", "SecretName")},
    **{
        f"data.resultBackend{name}": owners.DATABASE
        for name in ("Connection", "ConnectionSecretAnnotations", "SecretName")
    },
    **{f"data.brokerUrl{name}": owners.QUEUE for name in ("", "SecretName", "SecretAnnotations")},
    "flower": owners.FLOWER,
    "redis.enabled": owners.setting("executor"),
    "redis.password": owners.SECRET,
    "redis.passwordSecretName": owners.SECRET,
    "redis.persistence": owners.setting("components.redis.volume_size_gib"),
    "redis.resources": owners.setting("components.redis"),
    "statsd.enabled": Owner("Airflow's metrics go there", "remove it"),
    "statsd.resources": owners.setting("components.statsd"),
    "pgbouncer.enabled": owners.DATABASE,
    "pgbouncer.configSecretName": owners.SECRET,
    "pgbouncer.mountConfigSecret": owners.SECRET,
    "pgbouncer.ssl": owners.DATABASE,
    "pgbouncer.metricsExporterSidecar.statsSecretName": owners.SECRET,
    "pgbouncer.metricsExporterSidecar.statsSecretKey": owners.SECRET,
    "allowPodLaunching": owners.PODS,
    "allowJobLaunching": owners.PODS,
    "apiServer.allowPodLogReading": owners.PODS,
    "rbac": owners.NAMES,
    "multiNamespaceMode": owners.NAMES,
    "podTemplate": Owner(
        "the chart's own template carries what the stack computes",
        "use workers.kubernetes; further ones are airflow.task_pods",
    ),
    **{f"{component}.enabled": owners.ALWAYS for component in ("apiServer", "scheduler", "dagProcessor", "triggerer")},
    **{f"enableBuiltInSecretEnvVars.{name}": owners.SECRET for name in _SECRET_VARIABLES},
    **{f"pgbouncer.{name}": owners.DATABASE for name in _PGBOUNCER_INI},
    "pgbouncer.metadataPoolSize": owners.setting("pgbouncer.metadata_pool_size"),
    "pgbouncer.resultBackendPoolSize": owners.setting("pgbouncer.result_backend_pool_size"),
    "pgbouncer.maxClientConn": owners.setting("pgbouncer.max_client_connections"),
    "workers.celery.terminationGracePeriodSeconds": owners.setting("components.workers.termination_grace_seconds"),
    "workers.celery.persistence": owners.VOLUME,
    "workers.celery.logGroomerSidecar.requirePersistence": owners.VOLUME,
    "workers.celery.sets": owners.WORKER_SETS,
    "workers.celery.enableDefault": owners.WORKER_SETS,
    "workers.kubernetes.resources": owners.setting("components.task_pod"),
    "triggerer.persistence": owners.VOLUME,
    "logs.persistence": owners.VOLUME,
    "dags.persistence": owners.VOLUME,
    "dags.mountPath": owners.DAGS,
    "dags.gitSync.resources": owners.setting("components.git_sync"),
    "databaseCleanup.enabled": owners.CLEANUP,
    "databaseCleanup.schedule": owners.CLEANUP,
    "databaseCleanup.retentionDays": owners.CLEANUP,
}

_GIT_SYNC = ("enabled", "repo", "branch", "rev", "ref", "subPath", "period", "wait", "maxFailures", "knownHosts")
_GIT_CREDENTIALS = ("credentialsSecret", "sshKey", "sshKeySecret")
_OF_REPLICATED = ("replicas", "resources", "podDisruptionBudget", "topologySpreadConstraints")

_OF_COMPONENTS: Mapping[str, Owner] = {
    **{f"dags.gitSync.{name}": owners.DAGS for name in (*_GIT_SYNC, *_GIT_CREDENTIALS)},
    **{
        f"{component}.{name}": owners.setting(f"components.{setting}")
        for component, setting in REPLICATED.items()
        for name in _OF_REPLICATED
    },
    **{
        f"{component}.logGroomerSidecar.resources": owners.setting("components.log_groomer")
        for component in ("scheduler", "dagProcessor", "triggerer", "workers.celery")
    },
    **{
        f"{component}.serviceAccount.{name}": owners.NAMES
        for component in ("apiServer", "scheduler", "dagProcessor", "triggerer", "workers.celery", "workers.kubernetes")
        for name in ("create", "name")
    },
    **{
        f"{component}.serviceAccount.automountServiceAccountToken": owners.PODS
        for component in ("apiServer", "scheduler", "triggerer", "workers.celery")
    },
}

#: Path -> owner, of everything from there on.
OWNED: Mapping[str, Owner] = {
    **_SINGLE,
    **_OF_COMPONENTS,
    **{f"config.{section}.{name}": owner for (section, name), owner in OWNED_OPTIONS.items()},
}


def owner_of(path: Sequence[str]) -> Owner | None:
    """Return the owner of the value at a path of names, None if it is the user's."""
    if path[-2:-1] and path[-2] in {"podAnnotations", "airflowPodAnnotations"}:
        for prefix, owner in ((REVISION_PREFIX, owners.REVISIONS), (SCRAPE_PREFIX, owners.SCRAPING)):
            if path[-1].startswith(prefix):
                return owner
    if found := dead_end(path):
        return found
    if path[0] == "config" and path[2:]:
        return owner_of_option(path[1], path[2])
    above = (OWNED.get(".".join(path[:length])) for length in range(1, len(path) + 1))
    owned = next((owner for owner in above if owner), None)
    return owned or (_owner_of_flat_worker(path) if is_flat_worker(path) else None)


def _owner_of_flat_worker(path: Sequence[str]) -> Owner:
    """What is owned below `workers.celery` is so here too: nobody is sent there in vain."""
    return owner_of(("workers", "celery", *path[1:])) or owners.FLAT_WORKERS


def is_flat_worker(path: Sequence[str]) -> bool:
    """Whether a path is one of the places below `workers` of charts before 1.20."""
    return len(path) > 1 and path[0] == "workers" and path[1] not in {"celery", "kubernetes"}


def owned_below(path: Sequence[str]) -> bool:
    """Whether part of the map at a path is owned: it may be added to, but not be replaced as a whole."""
    places = [path, ("workers", "celery", *path[1:])] if is_flat_worker(path) else [path]
    starts = tuple(".".join(place) + "." for place in places)
    return any(owned.startswith(starts) for owned in OWNED)
