"""Authorities of one's own beside the public ones."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest
from constructs.airflow.certificates.bundle import bundle
from constructs.airflow.certificates.trusted_certificates import TrustedCertificates

from ops.preflight.repository import Credentials, _variables
from tests.airflow.authority import Authority
from tests.unit.trial_stack import TrialStack


@pytest.fixture(scope="module")
def own() -> str:
    """Two authorities, with comments."""
    return Authority.make("One").pem + Authority.make("Two").pem


def _subjects(text: str) -> set[str]:
    found: list[dict[str, Any]] = ssl.create_default_context(cadata=text).get_ca_certs()
    return {str(dict(part[0] for part in each["subject"]).get("commonName")) for each in found}


class TestBundle:
    def test_has_ones_own_and_the_public_ones(self, own: str) -> None:
        """A library that is told of a file trusts nothing else: both are in it."""
        subjects = _subjects(bundle(own))
        assert {"One", "Two"} <= subjects
        assert {"Amazon Root CA 1", "ISRG Root X1"} <= subjects

    def test_is_one_that_openssl_reads(self, own: str, tmp_path: Path) -> None:
        """As a file, which is how pods have it."""
        file = tmp_path / "ca.pem"
        file.write_text(bundle(own), encoding="utf-8")
        context = ssl.create_default_context(cafile=str(file))
        assert context.cert_store_stats()["x509_ca"] > 100

    def test_fits_into_an_object_of_kubernetes(self, own: str) -> None:
        """A config map holds 1 MiB; beside the longest list of one's own there is room."""
        assert len(bundle(own)) + 200_000 < 1_048_576

    def test_is_a_config_map(self, stack: TrialStack, own: str) -> None:
        """Its comments say how many there are, for people who read a plan."""
        TrustedCertificates(stack, "trusted", "airflow", own)
        config_map = stack.resource("kubernetes_config_map_v1.trusted_certificates")
        assert config_map["metadata"]["name"] == "airflow-ext-trusted-certificates"
        assert config_map["data"]["ca.pem"].startswith("# airflow.trusted_certificates: 2, digest ")


class TestPreflight:
    def test_git_is_told_of_them(self, own: str, tmp_path: Path) -> None:
        """The repository is asked as git-sync asks it."""
        variables = _variables(Credentials(authorities=bundle(own)), tmp_path)
        assert {"One", "Two"} <= _subjects(Path(variables["GIT_SSL_CAINFO"]).read_text(encoding="utf-8"))

    def test_without_any_git_has_its_own(self, tmp_path: Path) -> None:
        """This machine's authorities stay."""
        assert "GIT_SSL_CAINFO" not in _variables(Credentials(), tmp_path)
