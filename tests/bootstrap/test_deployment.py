"""`make bootstrap` on a local AWS endpoint: applied, its state moved, run again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.bootstrap.environments import delivered
from tests.bootstrap.trial import Trial, in_account, trial
from tests.documented import shows
from tests.terraform.account import client
from tests.terraform.toolchain import Toolchain

pytestmark = pytest.mark.slow
BUCKET, STATE = "acme-terraform-state", "airflow/prod/bootstrap.tfstate"


@dataclass(frozen=True)
class Deployed:
    """The account after the first run, and what that said."""

    trial: Trial
    code: int
    said: str
    inventory: list[str]


@pytest.fixture(scope="module")
def deployed(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """The command, run once in an account that has nothing."""
    with trial(toolchain, delivered(tmp_path_factory.mktemp("first"))) as environment:
        code, said = environment.run("--yes")
        yield Deployed(environment, code, said, environment.aws.inventory())


def s3(deployed: Deployed) -> Any:
    """The bucket's service."""
    return client(deployed.trial.aws, "s3")


class TestFirstRun:
    def test_says_what_it_did_and_what_to_set_at_github(self, deployed: Deployed) -> None:
        """It ends well, and says what docs/bootstrap.md shows."""
        assert deployed.code == 0, deployed.said
        shows("bootstrap-first", deployed.said)

    def test_leaves_the_state_in_the_bucket_alone(self, deployed: Deployed) -> None:
        """The state lies in the bucket, encrypted with the key that was made for it; no file and no lock is left."""
        keys = [item["Key"] for item in s3(deployed).list_objects_v2(Bucket=BUCKET)["Contents"]]
        assert keys == [STATE]
        answer = s3(deployed).get_object(Bucket=BUCKET, Key=STATE)
        assert answer["ServerSideEncryption"] == "aws:kms"
        types = {resource["type"] for resource in json.loads(answer["Body"].read())["resources"]}
        assert {"aws_s3_bucket", "aws_kms_key", "aws_iam_role", "aws_iam_openid_connect_provider"} <= types
        assert not deployed.trial.state_file.exists()

    def test_makes_two_roles_and_a_provider(self, deployed: Deployed) -> None:
        """The roles, the provider of GitHub's tokens and the boundary exist, and nothing of the environment itself."""
        made = {line for line in deployed.inventory if line.startswith(("iam:role ", "iam:open-id"))}
        provider = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
        assert made == {
            "iam:role airflow-prod-ci-apply",
            "iam:role airflow-prod-ci-plan",
            "iam:role platform-engineers",
            f"iam:open-id-connect-provider {provider}",
        }
        assert "iam:policy airflow-prod-boundary" in deployed.inventory
        assert not [line for line in deployed.inventory if "vpc" in line or "eks" in line]


class TestSecondRun:
    def test_changes_nothing(self, deployed: Deployed) -> None:
        """Run again it finds the state in the bucket and nothing to change, as docs/bootstrap.md shows."""
        code, said = deployed.trial.run()
        assert code == 0, said
        shows("bootstrap-again", said)
        assert deployed.trial.aws.inventory() == deployed.inventory

    def test_removes_a_file_that_was_left_behind(self, deployed: Deployed) -> None:
        """Killed between moving the state and removing the file, it removes the file when it runs again."""
        content = s3(deployed).get_object(Bucket=BUCKET, Key=STATE)["Body"].read()
        deployed.trial.state_file.write_bytes(content)
        code, said = deployed.trial.run()
        assert (code, deployed.trial.state_file.exists()) == (0, False), said

    def test_refuses_two_states_that_differ(self, deployed: Deployed) -> None:
        """A file that knows something else than the bucket's state is never overwritten or removed."""
        other = json.dumps({"version": 4, "serial": 9, "lineage": "another", "resources": [{"type": "aws_vpc"}]})
        deployed.trial.state_file.write_text(other, encoding="utf-8")
        try:
            code, said = deployed.trial.run()
        finally:
            content = deployed.trial.state_file.read_text(encoding="utf-8")
            deployed.trial.state_file.unlink()
        assert (code, content) == (3, other), said
        assert "two states" in said

    def test_asks_before_it_removes_a_lock(self, deployed: Deployed) -> None:
        """A lock stops it with its holder and the command that removes it; that command works."""
        lock = {"ID": "0f0e0d0c", "Who": "you@laptop", "Operation": "OperationTypeApply", "Info": "", "Path": ""}
        lock |= {"Version": "1.11.4", "Created": "2026-01-02T03:04:05Z"}
        body = json.dumps(lock)
        s3(deployed).put_object(Bucket=BUCKET, Key=f"{STATE}.tflock", Body=body, ServerSideEncryption="aws:kms")
        code, said = deployed.trial.run()
        assert code == 3, said
        assert 'make bootstrap ARGS="--unlock 0f0e0d0c"' in said
        assert "you@laptop" in said
        code, said = deployed.trial.run("--unlock", "0f0e0d0c")
        assert code == 0, said
        keys = [item["Key"] for item in s3(deployed).list_objects_v2(Bucket=BUCKET)["Contents"]]
        assert keys == [STATE]


class TestSecondEnvironment:
    def test_is_told_to_use_the_provider_that_is_there(
        self, deployed: Deployed, toolchain: Toolchain, tmp_path: Path
    ) -> None:
        """GitHub's provider, once in the account, isn't made or taken over again: the answer has the ARN to write."""
        text = delivered(tmp_path).read_text(encoding="utf-8")
        stage = tmp_path / "stage.yaml"
        stage.write_text(text.replace("name: prod", "name: stage").replace("acme-", "stage-"), encoding="utf-8")
        code, said = in_account(deployed.trial.aws, toolchain, stage).run("--yes")
        assert code == 2, said
        assert "oidc_provider_arn: arn:aws:iam::111122223333:oidc-provider/token.actions" in said
        assert deployed.trial.aws.inventory() == deployed.inventory


class TestRemoved:
    def test_all_but_the_states_goes_as_documented(self, deployed: Deployed) -> None:
        """The commands of docs/bootstrap.md leave the bucket and its key, and nothing else of the stack."""
        workspace = deployed.trial.workspace
        folder = workspace.outdir.with_name(f"{workspace.outdir.name}.bootstrap") / "stacks" / "bootstrap"
        for command in (
            ("init", "-input=false"),
            ("state", "rm", "aws_s3_bucket.state", "aws_kms_key.state"),
            ("destroy", "-lock=false", "-auto-approve"),
        ):
            workspace.run(workspace.toolchain.terraform, f"-chdir={folder}", *command)
        left = deployed.trial.aws.inventory()
        assert sorted(set(left) & set(deployed.inventory)) == [
            "eu-west-1 kms:key airflow-prod-state Enabled",
            "iam:role platform-engineers",
            f"s3:bucket {BUCKET}",
            f"s3:object {BUCKET}/{STATE}",
        ]
