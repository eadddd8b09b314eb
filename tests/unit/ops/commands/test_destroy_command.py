"""`python -m ops destroy` in an emulated account, with Terraform, synthesis and the search replaced by stand-ins."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from ops.commands import destroy
from ops.commands.destroy import Destroying
from ops.console.errors import OperationError
from ops.console.exit_codes import ExitCode
from ops.console.output import Output
from ops.destruction import gate
from ops.environment.operated import STACKS, load
from ops.frame.session import Session
from ops.recovery.survey import Look
from ops.running.outcome import Ended, Outcome
from ops.running.progress import Failure
from programs.own_tools import ROOT
from tests.emulator import Emulator
from tests.emulator.client import aws_environment
from tests.unit.ops.destroyed import recorded

CLUSTER = ("aws_eks_cluster.cluster", {"name": "airflow-dev"})
NETWORK = ("aws_vpc.cluster", {"id": "vpc-1"})
RELEASE = ("helm_release.airflow", {"name": "airflow"})
FAILED = Failure(address="aws_vpc.cluster", summary="DependencyViolation", detail="")


@dataclass
class Trial:
    """The environment dev in an account; what became of each stack is up to the test."""

    aws: Emulator
    session: Session
    ends: dict[str, Callable[[], Outcome]] = field(default_factory=dict)
    worked_on: list[str] = field(default_factory=list)

    def client(self, service: str) -> Any:
        """A client of the account."""
        return self.session.aws.client(service)

    def record(self, stack: str, text: str) -> None:
        """Write the state of a stack."""
        file = self.session.operated.root / "state" / "dev" / f"{stack}.tfstate"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def run(self, *stacks: str, sweep: bool = False, abandon: bool = False, dry_run: bool = False) -> ExitCode:
        """Destroy, after the name was typed."""
        destroying = Destroying(self.session, "dev", sweep=sweep, abandon=abandon)
        return destroying.run(stacks or STACKS, dry_run=dry_run)

    def refused(self, *stacks: str, abandon: bool = False) -> OperationError:
        """The refusal of a destroy, which has done nothing."""
        with pytest.raises(OperationError) as caught:
            self.run(*stacks, abandon=abandon)
        assert self.worked_on == []
        return caught.value


@pytest.fixture
def trial(aws: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trial:
    """An environment of which nothing is recorded; a destroy of a stack forgets all of it."""
    for name, value in {**aws_environment(aws.endpoint, aws.region), "NO_PROXY": "127.0.0.1,localhost"}.items():
        monkeypatch.setenv(name, value)
    operated = load({}, env_file=ROOT / "environments" / "dev.yaml")
    trial = Trial(aws, Session(replace(operated, root=tmp_path, outdir=tmp_path / "out"), Output(as_json=True)))

    class Applying:
        def __init__(self, _terraform: object, stack: str, _output: Output) -> None:
            self.stack = stack

        def init(self) -> None:
            trial.worked_on.append(self.stack)

        def run(self, *_: object, **__: object) -> Outcome:
            if self.stack in trial.ends:
                return trial.ends[self.stack]()
            trial.record(self.stack, recorded())
            return Outcome(stack=self.stack, ended=Ended.CHANGED, total=1, done=1)

    class Survey:
        def __init__(self, _session: Session) -> None:
            pass

        def look(self, stack: str) -> Look:
            return Look(stack)

    monkeypatch.setattr(destroy, "Applying", Applying)
    monkeypatch.setattr(gate, "Survey", Survey)
    monkeypatch.setattr(destroy, "synthesize", lambda _: "")
    monkeypatch.setattr(destroy, "require_cluster", lambda _: None)
    return trial


def printed(capsys: pytest.CaptureFixture[str]) -> tuple[Any, str]:
    """The JSON document, and what was said to people."""
    said = capsys.readouterr()
    return json.loads(said.out), said.err


class TestRefused:
    @pytest.mark.parametrize("stack", STACKS)
    def test_a_state_of_a_newer_terraform(self, trial: Trial, stack: str) -> None:
        """What can't be read is not empty: nothing is destroyed beneath or above it."""
        for each in STACKS:
            trial.record(each, recorded(NETWORK, version=5 if each == stack else 4))
        refusal = trial.refused()
        assert f"{stack}.tfstate has format 5, written by Terraform 2.0.0" in refusal.message

    @pytest.mark.parametrize("text", ["{", '{"version": 4, "resources": [{"mode": "managed", "type": "aws_vpc"}]}'])
    @pytest.mark.parametrize("stack", STACKS)
    def test_a_damaged_state(self, trial: Trial, stack: str, text: str) -> None:
        """A damaged state is named, with the way to an earlier version."""
        for each in STACKS:
            trial.record(each, text if each == stack else recorded(NETWORK))
        refusal = trial.refused()
        assert f"{stack}.tfstate is no Terraform state" in refusal.message
        assert "earlier version" in refusal.fix

    @pytest.mark.parametrize("stack", STACKS)
    def test_a_state_that_waits_to_be_written(self, trial: Trial, stack: str, tmp_path: Path) -> None:
        """What it knows would be left behind, also where nothing is recorded: it is written first."""
        folder = tmp_path / "state" / "dev"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{stack}.errored.tfstate").write_text("{}", encoding="utf-8")
        refusal = trial.refused()
        assert f"{stack}: a state that Terraform could not write is kept in " in refusal.message
        assert "python -m ops recover" in refusal.fix

    def test_infrastructure_beneath_a_platform(self, trial: Trial) -> None:
        """Infrastructure alone is refused; the fix drops --stack, also where the cluster is to be abandoned."""
        trial.record("infrastructure", recorded(CLUSTER))
        trial.record("platform", recorded(RELEASE))
        for abandon in (False, True):
            refusal = trial.refused("infrastructure", abandon=abandon)
            assert refusal.exit_code is ExitCode.MISTAKE
            assert (
                refusal.fix == "destroy both, without --stack; where the cluster is gone, also with --abandon-platform"
            )

    @pytest.mark.parametrize("stacks", [STACKS, ("platform",)], ids=" ".join)
    def test_a_database_protected_by_hand(self, trial: Trial, stacks: tuple[str, ...]) -> None:
        """Protection that is in RDS alone is seen before the platform goes."""
        identifier = f"protected-{len(stacks)}"
        trial.client("rds").create_db_instance(
            DBInstanceIdentifier=identifier,
            DBInstanceClass="db.t4g.micro",
            Engine="postgres",
            AllocatedStorage=20,
            MasterUsername="airflow",
            MasterUserPassword="not-a-secret",
            DeletionProtection=True,
        )
        database = {"identifier": identifier, "deletion_protection": False}
        trial.record("infrastructure", recorded(CLUSTER, ("aws_db_instance.metadata", database)))
        trial.record("platform", recorded(RELEASE))
        refusal = trial.refused(*stacks)
        assert refusal.exit_code is ExitCode.MISTAKE
        assert f"aws_db_instance.metadata ({identifier}) is protected against deletion." in refusal.message
        assert "python -m ops deploy" in refusal.fix


class TestGoesOn:
    def test_with_a_log_bucket_that_is_gone(self, trial: Trial) -> None:
        """A recorded bucket that somebody has deleted stops no destroy; platform goes first."""
        bucket = {"bucket": "airflow-dev-logs-gone", "force_destroy": False}
        trial.record("infrastructure", recorded(("aws_s3_bucket.logs", bucket)))
        trial.record("platform", recorded(RELEASE))
        assert trial.run() is ExitCode.DONE
        assert trial.worked_on == ["platform", "infrastructure"]

    def test_dry_run(self, trial: Trial, capsys: pytest.CaptureFixture[str]) -> None:
        """The dry run says what goes by kind and by name, to people and to programs, and does nothing."""
        trial.record("infrastructure", recorded(CLUSTER, NETWORK))
        assert trial.run(dry_run=True) is ExitCode.DONE
        document, said = printed(capsys)
        assert document["kinds"] == {"platform": {}, "infrastructure": {"aws_eks_cluster": 1, "aws_vpc": 1}}
        assert "infrastructure: 2 objects go\n  aws_eks_cluster: airflow-dev\n  1 aws_vpc\n" in said
        assert trial.worked_on == []


class TestNetworkIsKept:
    @pytest.fixture
    def groups(self, trial: Trial) -> tuple[str, str]:
        """A security group that the cluster's controller has left, and one of another cluster."""
        ec2 = trial.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        own, other = (
            str(
                ec2.create_security_group(
                    GroupName=f"k8s-traffic-{name}",
                    Description="made by a controller",
                    VpcId=vpc,
                    TagSpecifications=[
                        {"ResourceType": "security-group", "Tags": [{"Key": "elbv2.k8s.aws/cluster", "Value": name}]}
                    ],
                )["GroupId"]
            )
            for name in ("airflow-dev", "airflow-dev-2")
        )
        return own, other

    def fail(self, trial: Trial, *, left: str) -> None:
        """Have infrastructure fail, with `left` in its state."""

        def end() -> Outcome:
            trial.record("infrastructure", left)
            return Outcome(stack="infrastructure", ended=Ended.FAILED, total=9, done=8, failures=(FAILED,))

        trial.record("infrastructure", recorded(CLUSTER, NETWORK))
        trial.ends["infrastructure"] = end

    def there(self, trial: Trial, groups: tuple[str, str]) -> list[bool]:
        """Whether each of the groups exists."""
        listed = {group["GroupId"] for group in trial.client("ec2").describe_security_groups()["SecurityGroups"]}
        return [group in listed for group in groups]

    def test_what_keeps_it_is_listed_then_swept(
        self, trial: Trial, groups: tuple[str, str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A failure without a cluster lists what it has left in the network; the next run, with --sweep, deletes that
        before Terraform goes on, and nothing of another cluster.
        """
        self.fail(trial, left=recorded(NETWORK))
        assert trial.run() is ExitCode.FAILED
        document, said = printed(capsys)
        assert [item["id"] for item in document["left"]] == [groups[0]]
        assert f"aws ec2 delete-security-group --group-id {groups[0]}" in said
        assert "Next: python -m ops destroy --sweep" in said
        assert self.there(trial, groups) == [True, True]

        there: list[list[bool]] = []

        def end() -> Outcome:
            there.append(self.there(trial, groups))
            trial.record("infrastructure", recorded())
            return Outcome(stack="infrastructure", ended=Ended.CHANGED, total=1, done=1)

        trial.ends["infrastructure"] = end
        assert trial.run(sweep=True) is ExitCode.DONE
        assert there == [[False, True]]

    def test_swept_at_once(self, trial: Trial, groups: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
        """With --sweep it is deleted where infrastructure fails; the next run goes on."""
        self.fail(trial, left=recorded(NETWORK))
        assert trial.run(sweep=True) is ExitCode.FAILED
        document, said = printed(capsys)
        assert document["left"] == []
        assert "Next: python -m ops destroy again" in said
        assert self.there(trial, groups) == [False, True]

    def test_of_a_cluster_that_is_there_nothing_is_touched(
        self, trial: Trial, groups: tuple[str, str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        """As long as the cluster is recorded what it has made is in use, --sweep or not."""
        self.fail(trial, left=recorded(CLUSTER, NETWORK))
        assert trial.run(sweep=True) is ExitCode.FAILED
        document, said = printed(capsys)
        assert document["left"] == []
        assert "DependencyViolation" in said
        assert self.there(trial, groups) == [True, True]
        trial.client("ec2").delete_security_group(GroupId=groups[0])
