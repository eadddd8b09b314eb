"""What `make bootstrap` refuses, in words, before anything is made."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bootstrap.environments import delivered
from tests.bootstrap.trial import in_account
from tests.emulator import Emulator
from tests.terraform.account import client, prepare_account
from tests.terraform.toolchain import Toolchain
from tests.terraform.workspace import environment_file


def refused(toolchain: Toolchain, file: Path, aws: Emulator, **environ: str) -> str:
    """What the command says when it ends with 2; nothing but reading reached the account."""
    trial = in_account(aws, toolchain, file)
    before = len(aws.calls())
    code, said = trial.run("--yes", **environ)
    assert code == 2, said
    assert "Traceback" not in said
    assert all(call.action.startswith(("Get", "Head", "List")) for call in aws.calls()[before:])
    return said


@pytest.mark.slow
class TestRefusals:
    @pytest.fixture(scope="class")
    @staticmethod
    def aws() -> Iterator[Emulator]:
        """One account: nothing is made in it."""
        with Emulator() as aws:
            prepare_account(aws)
            yield aws

    def test_an_environment_without_delivery(self, toolchain: Toolchain, aws: Emulator, tmp_path: Path) -> None:
        """Without the section it says what to write."""
        said = refused(toolchain, environment_file("prod", tmp_path), aws)
        assert "has no section delivery" in said
        assert "repository: OWNER/NAME" in said

    def test_a_local_state(self, toolchain: Toolchain, aws: Emulator, tmp_path: Path) -> None:
        """Workflows don't have a file in a checkout: state.backend has to be s3."""
        file = environment_file("dev", tmp_path, delivery={"repository": "acme/airflow"})
        said = refused(toolchain, file, aws)
        assert "state.backend" in said
        assert "set state.backend: s3" in said

    def test_another_account(self, toolchain: Toolchain, aws: Emulator, tmp_path: Path) -> None:
        """Credentials of another account than the file's stop it."""
        file = delivered(tmp_path)
        text = file.read_text(encoding="utf-8").replace("111122223333", "444455556666")
        file.write_text(text, encoding="utf-8")
        said = refused(toolchain, file, aws)
        assert "The credentials belong to account 111122223333" in said

    def test_placeholders(self, toolchain: Toolchain, aws: Emulator, tmp_path: Path) -> None:
        """Placeholders of the sections that it needs stop it where it could reach AWS; others don't matter yet."""
        file = environment_file("prod", tmp_path, delivery={"repository": "example/airflow"})
        said = refused(toolchain, file, aws, AWS_ENDPOINT_URL="")
        assert "account_id, delivery.repository, state.bucket, state.kms_key_id" in said
        assert "airflow." not in said

    def test_a_missing_bucket(self, toolchain: Toolchain, aws: Emulator, tmp_path: Path) -> None:
        """A bucket that is not to be made has to be there."""
        file = environment_file("prod", tmp_path, delivery={"repository": "acme/a", "create_state_bucket": False})
        said = refused(toolchain, file, aws)
        assert "There is no bucket example-terraform-state in eu-west-1" in said

    def test_somebody_elses_bucket(self, toolchain: Toolchain, aws: Emulator, tmp_path: Path) -> None:
        """A bucket that has the name already, and isn't of this stack, is left alone."""
        where = {"LocationConstraint": aws.region}
        s3 = client(aws, "s3")
        s3.create_bucket(Bucket="acme-terraform-state", CreateBucketConfiguration=where)
        tags = {"TagSet": [{"Key": "Project", "Value": "theirs"}]}
        s3.put_bucket_tagging(Bucket="acme-terraform-state", Tagging=tags)
        said = refused(toolchain, delivered(tmp_path), aws)
        assert "The bucket acme-terraform-state exists already" in said
        assert "create_state_bucket: false" in said
