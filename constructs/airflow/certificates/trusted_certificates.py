"""The authorities that Airflow's pods trust, where the environment file has some of its own."""

from __future__ import annotations

from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_kubernetes.config_map_v1 import ConfigMapV1
from constructs.airflow.secrets import secret_names
from constructs.naming.component import Component, Scope
from constructs.settings.sections.airflow.trusted_certificates import certificates_in

#: Key in the config map, and so the file's name.
FILE = "ca.pem"


def bundle(own: str) -> str:
    """Return one's own certificates and the public ones, which any setting of a library's replaces: those of botocore.

    Comments name what there is, for people who read a plan.
    """
    spec = find_spec("botocore")
    [folder] = spec.submodule_search_locations or [] if spec else []
    public = certificates_in((Path(folder) / "cacert.pem").read_text(encoding="utf-8"))
    ours = certificates_in(own)
    digest = sha256("".join(ours).encode()).hexdigest()[:16]
    titles = (f"# airflow.trusted_certificates: {len(ours)}, digest {digest}", f"# public authorities: {len(public)}")
    return "\n".join([titles[0], *ours, titles[1], *public]) + "\n"


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
