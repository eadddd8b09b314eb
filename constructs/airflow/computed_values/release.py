"""What the stack computes of the chart's values: everything that depends on the environment or has to be as it is.

No secret is among them: they name Kubernetes secrets. What no environment changes is in helm/values.yaml.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from constructs.airflow.computed_values.bundles import bundle_values
from constructs.airflow.computed_values.components import annotation_values, component_values
from constructs.airflow.computed_values.configuration import as_extra_text, as_list, configuration, environment
from constructs.airflow.computed_values.dags import dags_values
from constructs.airflow.computed_values.given import given_values
from constructs.airflow.computed_values.placement import placement_values
from constructs.airflow.computed_values.task_pods import task_pod_values
from constructs.airflow.computed_values.trusted_certificates import trusted_certificates_values
from constructs.airflow.secrets import secret_names
from constructs.airflow.sign_in.configuration import api_server_variables, sign_in_values
from constructs.airflow.values.merge import merged
from constructs.airflow.values.variables import joined
from constructs.airflow.web import proxy_trust
from constructs.capacity.placement import NodesSettings
from constructs.settings.sections.airflow.airflow import AirflowSettings
from constructs.settings.sections.airflow.web import DEFAULT_IDLE_SECONDS

#: By so much the api-server keeps a connection open longer than the load balancer does, as with the defaults of both.
KEPT_OPEN_LONGER_SECONDS = 10

_NO_JOB = {"enabled": False, "serviceAccount": {"create": False}}


@dataclass(frozen=True, kw_only=True)
class ReleaseValuesProps:
    """Inputs of `computed_values`."""

    airflow: AirflowSettings
    nodes: Mapping[str, NodesSettings]
    """Node groups and node pools, which components may be sent to."""

    zones: int
    """How many availability zones the nodes are in."""

    rds_root_certificates: str
    """PEM."""

    proxy_cidrs: Sequence[str]
    """Ranges of the subnets that the load balancer is in, or of other proxies in front of the web UI."""

    log_bucket: str
    """Name of the bucket for task logs; may be a Terraform expression."""

    region: str
    prefix: str
    """Start of the environment's names, `airflow-dev`."""

    revisions: Mapping[str, int | str]
    """Secret -> what changes when its value does: database, pgbouncer, fernet, api, jwt; redis, git, sign_in."""


def computed_values(props: ReleaseValuesProps) -> dict[str, Any]:
    """Return the values that no file may change."""
    airflow = props.airflow
    parts = (
        _fixed(),
        _release(airflow),
        _secrets(airflow),
        _kubernetes_api(airflow),
        {"dags": dags_values(airflow.dags)},
        component_values(airflow, props.nodes, props.zones),
        annotation_values(airflow, props.revisions),
        {"config": configuration(airflow, log_bucket=props.log_bucket, prefix=props.prefix)},
        {"extraEnv": as_extra_text(environment(props.region))},
        {"pgbouncer": {"ssl": {"ca": props.rds_root_certificates}}},
        _web_server(props),
        sign_in_values(airflow.sign_in) if airflow.sign_in else {},
        _cleanup(airflow),
        placement_values(airflow, props.nodes),
    )
    with_lists = (
        bundle_values(airflow),
        trusted_certificates_values(airflow),
        given_values(airflow),
        task_pod_values(airflow, props.nodes),
    )
    return reduce(joined, with_lists, reduce(merged, parts))


def _fixed() -> dict[str, Any]:
    """What is so in every environment, and must be."""
    return {
        "postgresql": {"enabled": False},
        "createUserJob": _NO_JOB,
        "migrateDatabaseJob": _NO_JOB,
        "flower": {"enabled": False},
        "pgbouncer": {"enabled": True},
    }


def _release(airflow: AirflowSettings) -> dict[str, Any]:
    values: dict[str, Any] = {
        "executor": airflow.executor,
        # Both: the chart compares the one, and takes the other for the image.
        "airflowVersion": airflow.version,
        "defaultAirflowTag": airflow.version,
    }
    image = airflow.own_image
    if image is None:
        return values
    version = {"digest": image.digest} if image.digest else {"tag": image.tag}
    values["images"] = {"airflow": {"repository": image.repository, **version}}
    if airflow.uses_kubernetes:
        # The chart writes `repository:tag` here and knows no digest. Split in this way, it writes one.
        repository, _, tag = airflow.image_reference.rpartition(":")
        values["images"]["pod_template"] = {"repository": repository, "tag": tag}
        values["config"] = {
            "kubernetes_executor": {"worker_container_repository": repository, "worker_container_tag": tag}
        }
    if image.pull_secret_name:
        values["imagePullSecrets"] = [{"name": secret_names.REGISTRY}]
    return values


def _kubernetes_api(airflow: AirflowSettings) -> dict[str, Any]:
    """Who may start pods, and so read every secret of the namespace: nobody, unless the executor or the file says so.

    The chart lets workers and triggerer by default, and with them all DAGs.
    """
    if airflow.uses_kubernetes:
        return {"allowPodLaunching": True}
    no_token = {"serviceAccount": {"automountServiceAccountToken": False}}
    launching = {} if airflow.allow_pod_launching else {"triggerer": no_token, "workers": {"celery": no_token}}
    return {
        "allowPodLaunching": airflow.allow_pod_launching,
        "apiServer": {**no_token, "allowPodLogReading": False},
        # Airflow 2's name: the role hangs on it, its binding on the api-server's.
        "webserver": {"allowPodLogReading": False},
        "scheduler": no_token,
        **launching,
    }


def _secrets(airflow: AirflowSettings) -> dict[str, Any]:
    values: dict[str, Any] = {
        "fernetKeySecretName": secret_names.FERNET,
        "apiSecretKeySecretName": secret_names.API,
        "jwtSecretName": secret_names.JWT,
        # Without a name for the broker's secret the chart makes one itself, even where nothing uses it.
        "data": {"metadataSecretName": secret_names.METADATA, "brokerUrlSecretName": secret_names.BROKER},
        "pgbouncer": {
            "configSecretName": secret_names.PGBOUNCER,
            "metricsExporterSidecar": {"statsSecretName": secret_names.PGBOUNCER_STATS},
        },
    }
    if airflow.uses_celery:
        values["redis"] = {"passwordSecretName": secret_names.REDIS}
        values["data"]["resultBackendSecretName"] = secret_names.RESULT_BACKEND
    return values


def _web_server(props: ReleaseValuesProps) -> dict[str, Any]:
    web, sign_in = props.airflow.web, props.airflow.sign_in
    values: dict[str, Any] = {"config": proxy_trust.configuration(https=web.uses_https)}
    if props.proxy_cidrs:
        values["apiServer"] = {
            "args": list(proxy_trust.API_SERVER_ARGUMENTS),
            "env": [
                *as_list(proxy_trust.api_server_environment(props.proxy_cidrs)),
                *(api_server_variables(sign_in) if sign_in else ()),
            ],
        }
    if web.idle_timeout_seconds > DEFAULT_IDLE_SECONDS:
        kept = str(web.idle_timeout_seconds + KEPT_OPEN_LONGER_SECONDS)
        values["config"] = merged(values["config"], {"api": {"worker_timeout": kept}})
    return values


def _cleanup(airflow: AirflowSettings) -> dict[str, Any]:
    cleanup = airflow.cleanup
    if cleanup is None:
        return {"databaseCleanup": {"enabled": False}}
    return {
        "databaseCleanup": {
            "enabled": True,
            "schedule": cleanup.schedule,
            "retentionDays": cleanup.retention_days,
        }
    }
