"""Values by which Airflow fetches its DAGs itself, as bundles."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import Any

from constructs.airflow.computed_values.given import READABLE, there
from constructs.airflow.secrets import secret_names
from constructs.airflow.values.bundles import PLACE, connection_id, connection_variable
from constructs.airflow.values.merge import merged
from constructs.airflow.values.places import at
from constructs.settings.sections.airflow.airflow import AirflowSettings
from constructs.settings.sections.airflow.dags import FOLDER_BUNDLE, BundleSettings

GIT_BUNDLE = "airflow.providers.git.bundles.git.GitDagBundle"
LOCAL_BUNDLE = "airflow.dag_processing.bundles.local.LocalDagBundle"
#: Who fetches repositories: the DAG processor, and whatever runs tasks (Airflow 3.2, 3.3: callers of `get_bundle`).
FETCHING = ("dag_processor", "workers", "task_pod")


def bundle_values(airflow: AirflowSettings) -> dict[str, Any]:
    """Return the list of bundles, and the credentials of those who fetch them; nothing where git-sync or nobody does.

    The image's own DAGs keep the name that Airflow gives them.
    """
    dags = airflow.dags
    if dags.source != "bundles":
        return {}
    listed = [_listed(name, bundle) for name, bundle in dags.bundles.items()]
    if dags.image_too:
        listed.append({"name": FOLDER_BUNDLE, "classpath": LOCAL_BUNDLE, "kwargs": {}})
    credentials = _credentials(dags.private_bundles)
    places = [place for name, place in there(airflow).items() if name in FETCHING]
    return reduce(merged, (at(place, credentials) for place in places), at(PLACE, listed))


def _listed(name: str, bundle: BundleSettings) -> dict[str, Any]:
    kwargs: dict[str, Any] = {
        "repo_url": bundle.url,
        "tracking_ref": bundle.reference,
        "refresh_interval": bundle.sync_period_seconds,
    }
    if bundle.sub_path:
        kwargs["subdir"] = bundle.sub_path
    if bundle.credentials_secret:
        kwargs["git_conn_id"] = connection_id(name)
    return {"name": name, "classpath": GIT_BUNDLE, "kwargs": kwargs}


def _credentials(private: Mapping[str, BundleSettings]) -> dict[str, Any]:
    by_key = [name for name, bundle in private.items() if bundle.uses_ssh]
    values = {
        "env": [_connection(name) for name in private],
        "extraVolumes": [
            {
                "name": _volume(name),
                "secret": {
                    "secretName": secret_names.bundle(name),
                    "items": [
                        {"key": key, "path": key} for key in (secret_names.BUNDLE_KEY, secret_names.BUNDLE_KNOWN_HOSTS)
                    ],
                    "defaultMode": READABLE,
                },
            }
            for name in by_key
        ],
        "extraVolumeMounts": [
            {"name": _volume(name), "mountPath": secret_names.bundle_folder(name), "readOnly": True} for name in by_key
        ],
    }
    return {name: value for name, value in values.items() if value}


def _connection(name: str) -> dict[str, Any]:
    reference = {"name": secret_names.bundle(name), "key": secret_names.BUNDLE_CONNECTION}
    return {"name": connection_variable(name), "valueFrom": {"secretKeyRef": reference}}


def _volume(name: str) -> str:
    return f"bundle-{name}"
