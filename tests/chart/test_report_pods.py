"""Which pods the page of `ops report` says that a secret is given to, by the chart itself."""

from __future__ import annotations

from pathlib import Path

from constructs.airflow.secrets import secret_names

from ops.pictures.stacks import Stacks
from ops.report.chart_pods import chart_pods
from tests.synth.environments import synthesize_environment

AIRFLOW = {"airflow-api-server", "airflow-scheduler", "airflow-dag-processor", "airflow-triggerer", "airflow-worker"}


def test_pods_of_prod_are_as_in_the_threat_model(chart_folder: Path, tmp_path: Path) -> None:
    """All of Airflow has the database's URL and the Fernet key; who signs tokens, the secret for that; no pod of the
    chart has the admin's password or the database's own address.
    """
    outdir = synthesize_environment("prod", tmp_path / "prod")
    found = chart_pods(Stacks.read(outdir), chart_folder, "airflow")
    given = {secret: set(workloads) for secret, workloads in found.items()}
    for secret in (secret_names.METADATA, secret_names.FERNET, secret_names.API):
        assert given[secret] == {*AIRFLOW, "airflow-database-cleanup"}
    assert given[secret_names.JWT] == {"airflow-api-server", "airflow-scheduler"}
    assert given[secret_names.PGBOUNCER] == {"airflow-pgbouncer"}
    assert not {secret_names.ADMIN, secret_names.DATABASE} & given.keys()
