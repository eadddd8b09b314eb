"""The authorities that Airflow's pods trust, where the environment file has some of its own."""

from __future__ import annotations

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_kubernetes.config_map_v1 import ConfigMapV1
from constructs.airflow.certificates.bundle import bundle
from constructs.airflow.secrets import secret_names
from constructs.naming.component import Component, Scope

#: Key in the config map, and so the file's name.
FILE = "ca.pem"


class TrustedCertificates(Component):
    """A config map with `bundle`, which every pod of Airflow mounts."""

    def __init__(self, scope: Scope, id_: str, namespace: str, own: str) -> None:
        super().__init__(scope, id_)
        name = secret_names.TRUSTED_CERTIFICATES
        self.resource: ITerraformDependable = self.add(
            ConfigMapV1,
            "trusted_certificates",
            metadata={"name": name, "namespace": namespace, "labels": self.labels.kubernetes},
            data={FILE: bundle(own)},
        )
