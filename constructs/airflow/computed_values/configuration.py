"""Values that become `airflow.cfg` and the environment of Airflow's containers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import yaml
from constructs.airflow.values.text import Expression
from constructs.naming.names import SECRETS_BACKEND
from constructs.settings.sections.airflow.airflow import AirflowSettings

#: Folder of the task logs in the bucket.
LOG_FOLDER = "task-logs"
#: The connection that task logs are written and read with: to the pods' own role, without a key.
AWS_CONNECTION = "aws_default"

SECRETS_MANAGER = "airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend"
#: A worker of a Deployment has no name in DNS; the web server fetches live logs from its address.
HOSTNAME_CALLABLE = "airflow.utils.net.get_host_ip_address"

Configuration = dict[str, dict[str, Any]]


def configuration(airflow: AirflowSettings, *, log_bucket: str, prefix: str) -> Configuration:
    """Return the sections of airflow.cfg that depend on the environment. All values are text, as the file has it."""
    sections: Configuration = {
        "core": {"hostname_callable": HOSTNAME_CALLABLE},
        "logging": {
            "remote_logging": "True",
            "remote_base_log_folder": Expression(f"s3://{log_bucket}/{LOG_FOLDER}"),
            "remote_log_conn_id": AWS_CONNECTION,
        },
    }
    if airflow.uses_celery:
        sections["celery"] = {"worker_concurrency": str(airflow.components.workers.concurrency)}
    if airflow.web.url:
        sections["api"] = {"base_url": airflow.web.url}
    if airflow.secrets_backend:
        arguments = {
            **{f"{kind}_prefix": f"{prefix}/{kind}" for kind in SECRETS_BACKEND},
            # Settings of airflow.cfg are not looked for there.
            "config_prefix": None,
        }
        sections["secrets"] = {"backend": SECRETS_MANAGER, "backend_kwargs": json.dumps(arguments)}
    return sections


def environment(region: str) -> dict[str, str]:
    """Return the variables of every container with Airflow in it."""
    return {f"AIRFLOW_CONN_{AWS_CONNECTION.upper()}": "aws://", "AWS_DEFAULT_REGION": region}


def as_list(variables: Mapping[str, str]) -> list[dict[str, str]]:
    """Return variables as Kubernetes lists them."""
    return [{"name": name, "value": value} for name, value in variables.items()]


def as_extra_text(variables: Mapping[str, str]) -> str:
    """Return variables for `extraEnv`, the chart's second way to give them: the first, `env`, is the user's."""
    return str(yaml.safe_dump(as_list(variables), sort_keys=False))
