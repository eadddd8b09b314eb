"""Where a stack's state is kept."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import cdktf
import pytest
from constructs.checks.synthesized import SynthesizedStack
from constructs.settings.environment import Environment
from constructs.stacks.backend import configure_backend, read_state

from tests.unit.stacks.environments import environment

KEY = "arn:aws:kms:eu-west-1:111122223333:key/11111111-1111-4111-8111-111111111111"
S3: dict[str, Any] = {"backend": "s3", "bucket": "example-terraform-state", "kms_key_id": KEY}
ROOT, OUT = Path("/checkout"), Path("/checkout/cdktf.out/dev")


def _backend(of: Environment, root: Path = ROOT, outdir: Path = OUT) -> dict[str, Any]:
    stack = cdktf.TerraformStack(cdktf.Testing.app(), "infrastructure")
    configure_backend(stack, of, root, outdir)
    document = SynthesizedStack("infrastructure", cdktf.Testing.synth(stack)).document
    backend: dict[str, Any] = document["terraform"]["backend"]
    return backend


class TestLocal:
    def test_with_default_configuration(self) -> None:
        """The state is a file of the environment and stack in the checkout, named relative to where Terraform runs."""
        path = _backend(environment())["local"]["path"]
        assert path == "../../../../state/dev/infrastructure.tfstate"
        from_terraform = OUT / "stacks" / "infrastructure" / path
        assert os.path.normpath(from_terraform) == "/checkout/state/dev/infrastructure.tfstate"

    @pytest.mark.parametrize("outdir", ["/tmp/elsewhere", "/checkout/cdktf.out", "/checkout/a/b/c"])  # noqa: S108
    def test_state_stays_wherever_the_output_goes(self, outdir: str) -> None:
        """From any output folder it is the same file, outside that folder: deleting the output loses no state."""
        path = _backend(environment(), outdir=Path(outdir))["local"]["path"]
        absolute = os.path.normpath(Path(outdir) / "stacks" / "infrastructure" / path)
        assert absolute == "/checkout/state/dev/infrastructure.tfstate"
        assert not path.startswith("/")
        assert not absolute.startswith(f"{outdir}/")

    def test_environments_have_states_of_their_own(self) -> None:
        """Another environment's state is another file."""
        assert "/state/other/" in _backend(environment(name="other"))["local"]["path"]


class TestS3:
    def test_with_default_configuration(self) -> None:
        """Encrypted with the named key, locked by an object beside it, readable by nobody of another account."""
        assert _backend(environment(state=S3)) == {
            "s3": {
                "bucket": "example-terraform-state",
                "key": "airflow/dev/infrastructure.tfstate",
                "region": "eu-west-1",
                "encrypt": True,
                "kms_key_id": KEY,
                "allowed_account_ids": ["111122223333"],
                "use_lockfile": True,
            }
        }

    def test_with_custom_configuration(self) -> None:
        """Prefix and region of the bucket are as told."""
        key = KEY.replace("eu-west-1", "us-east-1")
        state = {**S3, "key_prefix": "teams/data", "region": "us-east-1", "kms_key_id": key}
        backend = _backend(environment(state=state))["s3"]
        assert backend["key"] == "teams/data/dev/infrastructure.tfstate"
        assert backend["region"] == "us-east-1"
        assert backend["kms_key_id"] == key

    def test_no_table_is_needed(self) -> None:
        """The older lock, a DynamoDB table, is not used."""
        assert "dynamodb_table" not in _backend(environment(state=S3))["s3"]


class TestReadingAnotherStacksState:
    @pytest.mark.parametrize("state", [{}, S3], ids=["local", "s3"])
    def test_is_where_that_stack_writes_it(self, state: dict[str, Any]) -> None:
        """The same file as seen from the reader's folder, or the same object; under the name of the stack."""
        of = environment(state=state) if state else environment()
        reader = cdktf.TerraformStack(cdktf.Testing.app(), "platform")
        read_state(reader, "infrastructure", of, ROOT, OUT)
        document = SynthesizedStack("platform", cdktf.Testing.synth(reader)).document
        read = document["data"]["terraform_remote_state"]["infrastructure"]
        [(kind, written)] = _backend(of).items()
        assert read["backend"] == kind
        assert {key: written[key] for key in read["config"]} == read["config"]
