"""The certificates that RDS servers are verified by."""

from __future__ import annotations

import re
import warnings
from datetime import UTC, datetime, timedelta

import pytest
from constructs.airflow.certificates.rds_roots import CERTIFICATES, UnknownRegionError, root_certificates
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

REGIONS = sorted(path.stem for path in CERTIFICATES.glob("*.pem"))
#: What is left of a certificate's life when the tests begin to fail.
NOTICE = timedelta(days=180)

every_region = pytest.mark.parametrize("region", REGIONS)


def certificates(region: str) -> list[x509.Certificate]:
    """Read a region's certificates."""
    with warnings.catch_warnings():
        # One of AWS's serial numbers is negative.
        warnings.simplefilter("ignore")
        return x509.load_pem_x509_certificates(root_certificates(region).encode())


def name_of(certificate: x509.Certificate) -> str:
    """Return a certificate's common name."""
    return str(certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)


class TestRootCertificates:
    def test_are_there_for_the_regions_of_the_source(self) -> None:
        """27 regions, those of the environments that come with the project among them."""
        assert len(REGIONS) >= 27
        assert {"eu-central-1", "eu-west-1", "us-east-1", "us-west-2"} <= set(REGIONS)

    def test_of_an_unknown_region_say_what_to_do(self) -> None:
        """The message names the region, the file that would be read, and where it is described."""
        with pytest.raises(UnknownRegionError) as error:
            root_certificates("il-central-1")
        assert str(error.value) == (
            "no certificates of RDS for the region il-central-1: download its bundle as "
            "constructs/airflow/certificates/il-central-1.pem; README.md in that folder says where from and how to "
            "check it"
        )

    @every_region
    def test_are_the_three_roots_of_their_region(self, region: str) -> None:
        """Each name says region and algorithm, the key is of that kind, and it signed itself."""
        found = certificates(region)
        kinds = ("RSA2048", "RSA4096", "ECC384")
        assert [name_of(certificate) for certificate in found] == [
            f"Amazon RDS {region} Root CA {kind} G1" for kind in kinds
        ]
        for certificate, kind in zip(found, kinds, strict=True):
            key = certificate.public_key()
            assert isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey)
            assert f"{'RSA' if isinstance(key, rsa.RSAPublicKey) else 'ECC'}{key.key_size}" == kind
            certificate.verify_directly_issued_by(certificate)
            assert certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca

    @every_region
    def test_have_time_left(self, region: str) -> None:
        """180 days before a certificate ends, this fails."""
        soon = datetime.now(tz=UTC) + NOTICE
        assert {name_of(c): c.not_valid_after_utc for c in certificates(region) if c.not_valid_after_utc < soon} == {}

    @every_region
    def test_stand_under_their_name_day_and_fingerprint(self, region: str) -> None:
        """The comments above each are true, and there is nothing else in the file."""
        text = root_certificates(region)
        comments = re.sub(r"-----BEGIN.*?END CERTIFICATE-----", "", text, flags=re.DOTALL).split("\n")
        expected = []
        for certificate in certificates(region):
            fingerprint = certificate.fingerprint(hashes.SHA256()).hex(":").upper()
            expected += [
                f"# {name_of(certificate)}, valid until {certificate.not_valid_after_utc:%Y-%m-%d}",
                f"# SHA-256 {fingerprint}",
            ]
        assert [line for line in comments if line] == expected
