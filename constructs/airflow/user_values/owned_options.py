"""Options of airflow.cfg and environment variables that the stack sets or relies on, by any spelling."""

from __future__ import annotations

from collections.abc import Mapping

from constructs.airflow.sign_in.configuration import CLIENT_SECRET_VARIABLE
from constructs.airflow.user_values import owners
from constructs.airflow.user_values.option_readings import Option, readings, variable_readings
from constructs.airflow.user_values.owners import Owner

#: Under the names that Airflow has today; `option_readings` knows the others.
OWNED_OPTIONS: Mapping[Option, Owner] = {
    ("core", "executor"): owners.setting("executor"),
    ("core", "auth_manager"): owners.AUTH_MANAGER,
    ("core", "hostname_callable"): Owner("live logs are read from workers by their address", "remove it"),
    ("core", "execution_api_server_url"): owners.NAMES,
    ("core", "fernet_key"): owners.SECRET,
    ("database", "sql_alchemy_conn"): owners.SECRET,
    ("database", "sql_alchemy_conn_async"): owners.SECRET,
    ("celery", "broker_url"): owners.SECRET,
    ("celery", "result_backend"): owners.SECRET,
    ("celery", "worker_concurrency"): owners.setting("components.workers.concurrency"),
    ("api", "base_url"): owners.setting("web.host_name"),
    ("api", "secret_key"): owners.SECRET,
    ("api", "server_type"): owners.PROXY,
    ("api", "worker_timeout"): owners.setting("web.idle_timeout_seconds"),
    ("api_auth", "jwt_secret"): owners.SECRET,
    ("fab", "enable_proxy_fix"): owners.PROXY,
    ("fab", "proxy_fix_x_host"): owners.PROXY,
    ("fab", "proxy_fix_x_prefix"): owners.PROXY,
    ("fab", "cookie_secure"): owners.PROXY,
    ("logging", "remote_logging"): owners.LOGS,
    ("logging", "remote_base_log_folder"): owners.LOGS,
    ("logging", "remote_log_conn_id"): owners.LOGS,
    ("secrets", "backend"): owners.setting("secrets_backend"),
    ("secrets", "backend_kwargs"): owners.setting("secrets_backend"),
    ("kubernetes_executor", "namespace"): owners.NAMES,
    ("kubernetes_executor", "worker_container_repository"): owners.IMAGE,
    ("kubernetes_executor", "worker_container_tag"): owners.IMAGE,
    **{("api", name): owners.LISTENS for name in ("host", "port", "ssl_cert", "ssl_key")},
    **{("logging", f"{of}_log_server_port"): owners.LISTENS for of in ("worker", "trigger")},
    **{("workers", f"secrets_{name}"): owners.setting("secrets_backend") for name in ("backend", "backend_kwargs")},
}

#: Variables that don't stand for an option.
OWN_VARIABLES: Mapping[str, Owner] = {
    "AIRFLOW_CONN_AWS_DEFAULT": owners.AWS_CONNECTION,
    "AWS_DEFAULT_REGION": owners.REGION,
    "AWS_REGION": owners.REGION,
    "FORWARDED_ALLOW_IPS": owners.PROXY,
    CLIENT_SECRET_VARIABLE: owners.setting("sign_in"),
    "AIRFLOW_CONFIG": owners.CONFIGURATION_FILE,
    "AIRFLOW_HOME": owners.CONFIGURATION_FILE,
    **{
        f"AWS_{name}": owners.AWS_CREDENTIALS
        for name in (
            *("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN", "ROLE_ARN", "WEB_IDENTITY_TOKEN_FILE"),
            *("CONTAINER_CREDENTIALS_FULL_URI", "CONTAINER_CREDENTIALS_RELATIVE_URI"),
            *("CONTAINER_AUTHORIZATION_TOKEN", "CONTAINER_AUTHORIZATION_TOKEN_FILE"),
        )
    },
}

#: Of git-sync, after GITSYNC_ (version 4) or GIT_SYNC_ (3), as the chart sets them for `dags.gitSync`.
_GIT_SYNC = (
    *("REPO", "REF", "REV", "BRANCH", "ROOT", "DEST", "LINK", "PERIOD", "WAIT", "MAX_FAILURES", "MAX_SYNC_FAILURES"),
    *("USERNAME", "PASSWORD", "SSH", "SSH_KEY_FILE", "SSH_KNOWN_HOSTS", "SSH_KNOWN_HOSTS_FILE"),
    *("ONE_TIME", "HTTP_BIND"),
)
_OF_GIT = {
    *(f"{prefix}{name}" for prefix in ("GITSYNC_", "GIT_SYNC_") for name in _GIT_SYNC),
    *("GIT_KNOWN_HOSTS", "GIT_SSH_KEY_FILE", "GIT_SSH_KNOWN_HOSTS_FILE"),
}


def owner_of_option(section: str, name: str) -> Owner | None:
    """Return the owner of an option, by whatever name Airflow reads it; None if it is the user's."""
    return _first(readings(section, name))


def owner_of_variable(name: str) -> Owner | None:
    """Return the owner of an environment variable of Airflow's containers."""
    return OWN_VARIABLES.get(name.strip().upper()) or _first(variable_readings(name.strip()))


def owner_of_git_variable(name: str) -> Owner | None:
    """Return the owner of an environment variable of git-sync's containers."""
    return owners.DAGS if name.strip().upper() in _OF_GIT else None


def _first(options: tuple[Option, ...]) -> Owner | None:
    return next((OWNED_OPTIONS[option] for option in options if option in OWNED_OPTIONS), None)
