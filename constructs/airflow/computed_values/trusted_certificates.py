"""Values by which pods trust the authorities of the environment file."""

from __future__ import annotations

from functools import reduce
from hashlib import sha256
from typing import Any

from constructs.airflow.computed_values.given import there
from constructs.airflow.secrets import secret_names
from constructs.airflow.user_values.owned_values import REVISION_PREFIX
from constructs.airflow.values.merge import merged
from constructs.airflow.values.places import at
from constructs.settings.sections.airflow.airflow import AirflowSettings

FOLDER = "/etc/trusted-certificates"
BUNDLE = f"{FOLDER}/ca.pem"
#: Who reads it: Python's ssl and OpenSSL, requests, curl, boto3 and the AWS CLI, Git, libpq (psycopg), gRPC.
VARIABLES = (
    *("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE", "GIT_SSL_CAINFO", "PGSSLROOTCERT"),
    "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
)
_VOLUME = "trusted-certificates"


def trusted_certificates_values(airflow: AirflowSettings) -> dict[str, Any]:
    """Return volume, mount and variables of every pod with Airflow in it and of git-sync beside it."""
    if airflow.trusted_certificates is None:
        return {}
    mounts = [{"name": _VOLUME, "mountPath": FOLDER, "readOnly": True}]
    of_component = {
        "env": [{"name": name, "value": BUNDLE} for name in VARIABLES],
        "extraVolumes": [{"name": _VOLUME, "configMap": {"name": secret_names.TRUSTED_CERTIFICATES}}],
        "extraVolumeMounts": mounts,
    }
    of_git = {"env": [{"name": "GIT_SSL_CAINFO", "value": BUNDLE}], "extraVolumeMounts": mounts}
    # Programs read it when they start.
    digest = sha256(airflow.trusted_certificates.encode()).hexdigest()[:16]
    values = {
        "airflowPodAnnotations": {f"{REVISION_PREFIX}trusted-certificates": digest},
        "dags": {"gitSync": of_git},
    }
    return reduce(merged, (at(place, of_component) for place in there(airflow).values()), values)
