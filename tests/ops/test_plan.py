"""`python -m ops plan` as a workflow runs it: state in S3, no lock minded, nothing changed, and what follows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ops.plan_report.report import Action, EnvironmentPlan, Status, read_reports
from ops.workflows.drift_issue import Step, decide
from ops.workflows.plan_comment import plan_comment
from tests.emulator import Emulator
from tests.ops.operated import Operated, operated
from tests.terraform.account import client
from tests.terraform.interruptions import STATE_BUCKET, lock
from tests.terraform.toolchain import Toolchain

pytestmark = pytest.mark.slow

LOCK = {"ID": "11111111-1111-1111-1111-111111111111", "Who": "somebody@else", "Operation": "OperationTypeApply"}
LOG_GROUP = "aws_cloudwatch_log_group.flow_logs"
#: The rest would take a minute to deploy.
PART = f"-target={LOG_GROUP}"
FLOW_LOGS = "/airflow-dev/vpc-flow-logs"


@pytest.fixture(scope="module")
def environment(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operated]:
    """The environment dev, of which nothing exists; its state is in S3, in a bucket that keeps versions."""
    with operated(toolchain, tmp_path_factory.mktemp("planned"), state_in_s3=True) as environment:
        s3 = client(environment.aws, "s3")
        s3.put_bucket_versioning(Bucket=STATE_BUCKET, VersioningConfiguration={"Status": "Enabled"})
        yield environment


def planned(environment: Operated, folder: Path, *, code: int = 0, **variables: str) -> EnvironmentPlan:
    """Plan; return the report. `code` is the exit code that is expected."""
    done = environment.ops("plan", "--reports", str(folder), variables=variables)
    assert done.returncode == code, done.stdout
    assert "Traceback" not in done.stdout
    [report] = read_reports(folder)
    return report


def objects(aws: Emulator) -> dict[str, str]:
    """Key -> version of what is in the state's bucket."""
    listed = client(aws, "s3").list_objects_v2(Bucket=STATE_BUCKET).get("Contents", [])
    return {item["Key"]: item["ETag"] for item in listed}


@dataclass(frozen=True, kw_only=True)
class Undeployed:
    """The plan of an environment of which nothing exists, made while somebody else holds the lock of its state."""

    report: EnvironmentPlan
    before: tuple[list[str], dict[str, str]]
    """What the account and the state's bucket held."""

    after: tuple[list[str], dict[str, str]]
    lock: dict[str, str] | None


@pytest.fixture(scope="module")
def undeployed(environment: Operated, tmp_path_factory: pytest.TempPathFactory) -> Undeployed:
    """That plan; the lock is gone afterwards."""
    aws, key = environment.aws, "airflow/dev/infrastructure.tfstate.tflock"
    client(aws, "s3").put_object(Bucket=STATE_BUCKET, Key=key, Body=json.dumps(LOCK).encode())
    before = aws.inventory(), objects(aws)
    report = planned(environment, tmp_path_factory.mktemp("reports"))
    made = Undeployed(report=report, before=before, after=(aws.inventory(), objects(aws)), lock=lock(aws))
    client(aws, "s3").delete_object(Bucket=STATE_BUCKET, Key=key)
    return made


class TestFirstDeploy:
    def test_adds_all_of_infrastructure_and_skips_platform(self, undeployed: Undeployed) -> None:
        """The whole stack is to be added; platform, which reads what it publishes, is skipped with a sentence."""
        infrastructure, platform = undeployed.report.stacks
        assert (infrastructure.exit_code, infrastructure.first) == (2, True)
        assert infrastructure.counts[Action.ADD] == len(infrastructure.changes) == 112
        assert platform.status is Status.SKIPPED
        assert platform.sentence.startswith("infrastructure has never been applied to its end")

    def test_changes_nothing_and_minds_no_lock(self, undeployed: Undeployed) -> None:
        """While somebody else deploys a plan goes through; neither the account nor the state's bucket has changed."""
        assert undeployed.lock == LOCK
        assert undeployed.after == undeployed.before

    def test_is_not_drift(self, undeployed: Undeployed) -> None:
        """What was never deployed can't have drifted: no issue is opened."""
        assert decide(undeployed.report, None).step is Step.LEAVE


class TestFailure:
    def test_is_part_of_the_report(self, environment: Operated, tmp_path: Path) -> None:
        """A plan that AWS refuses ends with 1; its error is what the comment shows for both stacks."""
        report = planned(environment, tmp_path, code=1, AWS_ENDPOINT_URL="http://127.0.0.1:1", AWS_MAX_ATTEMPTS="1")
        assert [stack.status for stack in report.stacks] == [Status.FAILED, Status.FAILED]
        assert "127.0.0.1:1" in plan_comment([report])

    def test_of_a_file_with_a_mistake_is_one_sentence(self, environment: Operated, tmp_path: Path) -> None:
        """A file that can't be read as an environment ends with 2 before anything is planned."""
        odd = tmp_path / "odd.yaml"
        odd.write_text("name: odd\n", encoding="utf-8")
        done = environment.ops("plan", "--env-file", str(odd))
        assert done.returncode == 2
        assert "Traceback" not in done.stdout


class TestDeployed:
    def test_is_empty_until_somebody_changes_something(self, environment: Operated, tmp_path: Path) -> None:
        """After a deploy the plan is empty; a change by hand shows up as one from outside, and becomes an issue."""
        environment.workspace.terraform("apply", "-auto-approve", PART)
        same, platform = planned(environment, tmp_path, TF_CLI_ARGS_plan=PART).stacks
        assert (same.exit_code, same.changes, same.outside, same.first) == (0, (), (), False)
        # A part of infrastructure publishes a part of what platform reads.
        assert platform.status is Status.SKIPPED
        assert platform.sentence.startswith("infrastructure does not publish admin_secret_arn, ")

        client(environment.aws, "logs").put_retention_policy(logGroupName=FLOW_LOGS, retentionInDays=365)
        changed, _ = planned(environment, tmp_path, TF_CLI_ARGS_plan=PART).stacks
        assert changed.exit_code == 2
        [change] = changed.changes
        assert (change.address, change.action) == (LOG_GROUP, Action.CHANGE)
        assert change.details == ("retention_in_days: 365 -> 7",)
        assert [outside.address for outside in changed.outside] == [change.address]
        issue = decide(EnvironmentPlan(environment="dev", stacks=(changed,)), None)
        assert issue.step is Step.OPEN
        assert f"! {LOG_GROUP}\n!     retention_in_days: 365 -> 7\n" in issue.body

    def test_is_summarized_with_its_outputs(self, environment: Operated, tmp_path: Path) -> None:
        """The summary of a job that ends here has no address yet, and what infrastructure publishes."""
        summary = tmp_path / "summary.md"
        environment.done("job-summary", variables={"GITHUB_STEP_SUMMARY": str(summary)})
        text = summary.read_text(encoding="utf-8")
        assert "Airflow has no address: platform is not deployed." in text
        assert re.search(r"^- infrastructure: \d+ resources? \(serial \d+\)$", text, re.MULTILINE)
        assert "flow_log_group = /airflow-dev/vpc-flow-logs\n" in text


class TestLostState:
    def test_comes_back_from_an_earlier_version(self, environment: Operated, tmp_path: Path) -> None:
        """A spoilt state is deleted and the version before it pushed, as the document says: the plan is empty again."""
        environment.workspace.terraform("apply", "-auto-approve", PART)
        s3, key = client(environment.aws, "s3"), "airflow/dev/infrastructure.tfstate"
        s3.put_object(Bucket=STATE_BUCKET, Key=key, Body=b"{spoilt")
        spoilt = environment.ops("plan")
        assert (spoilt.returncode, "is no Terraform state" in spoilt.stdout) == (1, True), spoilt.stdout

        s3.delete_object(Bucket=STATE_BUCKET, Key=key)
        listed = s3.list_object_versions(Bucket=STATE_BUCKET, Prefix=key)["Versions"]
        _spoilt, before, *_ = (version for version in listed if version["Key"] == key)
        found = tmp_path / "found.tfstate"
        s3.download_file(STATE_BUCKET, key, str(found), {"VersionId": before["VersionId"]})
        environment.workspace.terraform("state", "push", str(found))
        again, _ = planned(environment, tmp_path, TF_CLI_ARGS_plan=PART).stacks
        assert (again.exit_code, again.changes, again.outside) == (0, (), ())
