"""Bundles in the chart's values and in pods' variables: what they are called there."""

from __future__ import annotations

from collections.abc import Collection

from constructs.settings.sections.airflow.dags import DagsSettings

#: Where the chart has the list of bundles, of which it makes `[dag_processor] dag_bundle_config_list`.
PLACE = ("dagProcessor", "dagBundleConfigList")
OPTION = ("config", "dag_processor", "dag_bundle_config_list")


def connection_id(name: str) -> str:
    """Return the id of the connection that a bundle's repository is reached by."""
    return f"git_{name.replace('-', '_')}"


def connection_variable(name: str) -> str:
    """Return the variable that Airflow finds this connection in."""
    return f"AIRFLOW_CONN_{connection_id(name).upper()}"


def connection_variables(dags: DagsSettings) -> Collection[str]:
    """Return the variables of all bundles whose repository is not public."""
    return [connection_variable(name) for name in dags.private_bundles]
