"""An environment in which people sign in by a provider."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from constructs.checks.proofs import prove
from constructs.settings.loading.environment_file import load_environment

from main import ROOT, synthesize
from tests.synth.environments import STACKS, read

SIGN_IN = {
    "provider": "github",
    "client_id": "airflow",
    "client_secret_name": "acme/sign-in",
    "roles": {"acme/data": "Admin"},
}


@pytest.mark.parametrize(("local_admin", "known"), [("keep", True), ("break_glass", False), ("none", False)])
def test_the_administrators_password_is_where_he_is(tmp_path: Path, local_admin: str, *, known: bool) -> None:
    """In the cluster only if the database job makes him; all proofs hold either way."""
    content = yaml.safe_load((ROOT / "environments" / "prod.yaml").read_text(encoding="utf-8"))
    content["airflow"]["sign_in"] = {**SIGN_IN, "local_admin": local_admin}
    file = tmp_path / "prod.yaml"
    file.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    synthesize(load_environment(file), tmp_path / "out")
    assert prove(tmp_path / "out") == list(STACKS)
    assert ("admin" in read(tmp_path / "out", "platform").resources("kubernetes_secret_v1")) == known
