"""The authorities that RDS servers are verified by, in the cluster."""

from __future__ import annotations

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_kubernetes.config_map_v1 import ConfigMapV1
from constructs.airflow.jobs.commands import ROOT_CERTIFICATES_NAME
from constructs.airflow.secrets import secret_names
from constructs.naming.component import Component, Scope


class RootCertificates(Component):
    """A config map with the public certificates, which our jobs mount; PgBouncer gets the same ones by the chart."""

    def __init__(self, scope: Scope, id_: str, namespace: str, certificates: str) -> None:
        super().__init__(scope, id_)
        self.resource: ITerraformDependable = self.add(
            ConfigMapV1,
            "rds_ca",
            metadata={"name": secret_names.RDS_ROOTS, "namespace": namespace, "labels": self.labels.kubernetes},
            data={ROOT_CERTIFICATES_NAME: certificates},
        )
