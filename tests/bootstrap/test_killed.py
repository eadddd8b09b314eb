"""A run of `make bootstrap` that is killed with calls under way, and the next one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bootstrap.environments import delivered
from tests.bootstrap.trial import Trial, trial
from tests.terraform.account import client
from tests.terraform.toolchain import Toolchain

pytestmark = pytest.mark.slow


def killed_while(environment: Trial, calls: list[tuple[str, str]]) -> None:
    """Kill the command while the answers of calls that have taken effect are on their way."""
    holds = [environment.aws.hold(*call, moment="after") for call in calls]
    with environment.running("--yes") as running:
        for hold in holds:
            hold.wait()
        running.kill()
    for hold in holds:
        hold.drop()


class TestKilled:
    def test_the_next_run_takes_over_what_is_there(self, toolchain: Toolchain, tmp_path: Path) -> None:
        """Role and policy that no state knows are taken over, and the end is that of an undisturbed run."""
        provider = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
        file = delivered(tmp_path, create_state_bucket=False, oidc_provider_arn=provider)
        key = "arn:aws:kms:eu-west-1:111122223333:key/11111111-1111-4111-8111-111111111111"
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("backend: s3", f"backend: s3\n  kms_key_id: {key}"), encoding="utf-8")
        with trial(toolchain, file) as environment:
            region = {"LocationConstraint": environment.aws.region}
            client(environment.aws, "s3").create_bucket(Bucket="acme-terraform-state", CreateBucketConfiguration=region)
            killed_while(environment, [("iam", "CreateRole"), ("iam", "CreatePolicy")])
            code, said = environment.run("--yes")
            assert code == 0, said
            assert "Left by a killed run: aws_iam_role." in said
            assert "Left by a killed run: aws_iam_policy." in said
            iam = client(environment.aws, "iam")
            assert sorted(role["RoleName"] for role in iam.list_roles()["Roles"]) == [
                "airflow-prod-ci-apply",
                "airflow-prod-ci-plan",
                "platform-engineers",
            ]
            assert len(iam.list_policies(Scope="Local")["Policies"]) == 10
            assert said.count("nothing to change") == 1

    def test_a_bucket_of_ours_is_taken_over(self, toolchain: Toolchain, tmp_path: Path) -> None:
        """Bucket, key and provider that a killed run made are to be imported by the plan that it asks about."""
        under_way = [("s3", "CreateBucket"), ("kms", "CreateKey"), ("iam", "CreateOpenIDConnectProvider")]
        with trial(toolchain, delivered(tmp_path)) as environment:
            killed_while(environment, under_way)
            code, said = environment.run()
            assert code == 3, said
            assert "--yes applies it" in said
            found = said.count("Left by a killed run: ")
            assert f"{found} to import, " in said, said
            for address in ("aws_s3_bucket.state", "aws_kms_key.state", "aws_iam_openid_connect_provider.github"):
                assert f"Left by a killed run: {address}" in said
