"""The certificates of the authorities that sign RDS servers' certificates.

They ship with the project (`certificates/`, where README.md says where they are from), one file for a region: PgBouncer
and our jobs trust the authorities of the database's region and no others.
"""

from __future__ import annotations

from pathlib import Path

CERTIFICATES = Path(__file__).parent


class UnknownRegionError(Exception):
    """The project has no certificates for a region."""

    def __init__(self, region: str) -> None:
        super().__init__(
            f"no certificates of RDS for the region {region}: download its bundle as constructs/airflow/certificates/"
            f"{region}.pem; README.md in that folder says where from and how to check it"
        )
        self.region = region


def root_certificates(region: str) -> str:
    """Return the root certificates of RDS in a region as PEM: RSA 2048, RSA 4096, ECC 384.

    All three, so that the database can change its authority without a change here.

    Raises:
        UnknownRegionError: there is no file for the region.
    """
    path = CERTIFICATES / f"{region}.pem"
    if not path.is_file():
        raise UnknownRegionError(region)
    return path.read_text(encoding="ascii")
