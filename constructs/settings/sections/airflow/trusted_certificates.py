"""Certificate authorities of one's own, in section `airflow`."""

from __future__ import annotations

import re
import ssl
from typing import Annotated

from constructs.settings.values.shapes import mistake
from pydantic import PlainValidator, WithJsonSchema

#: Characters; some dozens of certificates. With the public ones it has to fit into an object of Kubernetes.
LONGEST = 200_000
_ALLOWED = (
    f"certificates of authorities as PEM, at most {LONGEST} characters: -----BEGIN CERTIFICATE-----, lines of Base64, "
    "-----END CERTIFICATE-----; lines between them start with #"
)
_FIX = "write `trusted_certificates: |` and below it, indented, the certificate of each authority"
_BLOCK = re.compile(r"-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+-----END CERTIFICATE-----")


def certificates_in(text: str) -> list[str]:
    """Return the certificates of a PEM text, without what stands between them."""
    return _BLOCK.findall(text)


def _check(value: object) -> str:
    if not isinstance(value, str) or len(value) > LONGEST:
        raise mistake(allowed=_ALLOWED, fix=_FIX)
    if "PRIVATE KEY" in value:
        raise mistake(
            allowed="certificates alone: a private key here would be in the repository and in Terraform's state",
            fix="remove it, and make a new one: it is no longer private",
            shown=False,
        )
    found = certificates_in(value)
    between = _BLOCK.sub("", value).splitlines()
    if not found or any(line.strip() and not line.startswith("#") for line in between):
        raise mistake(allowed=_ALLOWED, fix=_FIX)
    for number, certificate in enumerate(found, start=1):
        try:
            ssl.create_default_context(cadata=certificate)
        except ssl.SSLError as error:
            raise mistake(allowed=_ALLOWED, fix=_FIX, note=f"certificate {number} can't be read") from error
    return value


TrustedCertificates = Annotated[
    str, PlainValidator(_check, json_schema_input_type=str), WithJsonSchema({"type": "string", "maxLength": LONGEST})
]
