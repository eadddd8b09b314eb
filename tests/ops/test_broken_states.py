"""Each state that a deploy can be left in, made on purpose, and what the commands say and do; the state is in S3."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from constructs.naming.labels import Labels
from constructs.naming.names import Names

from tests.documented import shows
from tests.ops.operated import DEPLOY, STACK, Operated, operated
from tests.ops.seeded import Kill
from tests.terraform.account import client
from tests.terraform.interruptions import STATE_BUCKET, lock, tainted
from tests.terraform.toolchain import Toolchain

pytestmark = pytest.mark.slow

VPC, ROLE = "aws_vpc.cluster", "aws_iam_role.cluster"
#: Made by few calls, so that the tests are short.
SMALL = {"TF_CLI_ARGS_plan": f"-target={VPC} -target={ROLE}"}
RECOVER = ("recover", *STACK, "--yes")
LOCK = "airflow/dev/infrastructure.tfstate.tflock"


@pytest.fixture(scope="module")
def environment(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operated]:
    """The environment dev, of which nothing exists, its state in S3."""
    with operated(toolchain, tmp_path_factory.mktemp("broken"), state_in_s3=True) as environment:
        yield environment


def leave_lock(environment: Operated, minutes: int) -> str:
    """Put a lock of that age beside the state, as a killed run leaves it; return its ID."""
    created = datetime.now(UTC) - timedelta(minutes=minutes)
    number = f"5f0c1d2e-0000-4000-8000-{minutes:012}"
    content = {
        "ID": number,
        "Operation": "OperationTypeApply",
        "Info": "",
        "Who": "ann@runner-7",
        "Version": "1.11.4",
        "Created": f"{created:%Y-%m-%dT%H:%M:%S.%f}789Z",
        "Path": f"{STATE_BUCKET}/{LOCK.removesuffix('.tflock')}",
    }
    client(environment.aws, "s3").put_object(Bucket=STATE_BUCKET, Key=LOCK, Body=json.dumps(content).encode())
    return number


def create_vpc(environment: Operated, **tags: str) -> str:
    """A VPC with the tags of the stack's own, some of them changed; return its ID."""
    names = Names(environment="dev", region=environment.aws.region, account_id=environment.aws.account_id)
    own = Labels(names=names, stack="infrastructure").tags(VPC)
    pairs = [{"Key": key, "Value": value} for key, value in (own | tags).items()]
    created = client(environment.aws, "ec2").create_vpc(
        CidrBlock="10.0.0.0/16", TagSpecifications=[{"ResourceType": "vpc", "Tags": pairs}]
    )
    return str(created["Vpc"]["VpcId"])


class TestEmptyAccount:
    def test_nothing_to_repair(self, environment: Operated) -> None:
        """Before the first deploy `recover` finds nothing in either stack, and ends with 0."""
        said = environment.ops("recover")
        assert said.returncode == 0, said.stdout
        shows("recover-nothing", said.stdout)


class TestLock:
    def test_stays_whatever_its_age(self, environment: Operated) -> None:
        """Of a lock whose holder nobody can ask, unattended, age says nothing: it is explained and stays (3)."""
        for minutes in (4, 300):
            number = leave_lock(environment, minutes)
            said = environment.ops(*RECOVER)
            assert said.returncode == 3, said.stdout
            assert "-> remove the lock" not in said.stdout
            assert environment.ops(*RECOVER, "--unlock", "another").returncode == 3
            left = lock(environment.aws)
            assert left
            assert left["ID"] == number
            shows("recover-lock", said.stdout)
        assert environment.ops(*DEPLOY).returncode == 3

    def test_it_goes_by_its_id_and_without_yes_after_a_question_only(self, environment: Operated) -> None:
        """Told by its ID it is removed at any age; where nobody can be asked, not without --yes."""
        number = leave_lock(environment, 4)
        assert environment.ops("recover", *STACK, "--unlock", number).returncode == 3
        assert lock(environment.aws)
        said = environment.ops(*RECOVER, "--unlock", number)
        assert said.returncode == 0, said.stdout
        assert lock(environment.aws) is None

    def test_is_never_taken_from_a_deploy_at_work(self, environment: Operated) -> None:
        """While a deploy waits for AWS neither `recover` nor another deploy gets in, by age or by ID; all is recorded.

        The role whose creation is held is in the state afterwards, and nothing was made twice.
        """
        aws = environment.aws
        hold = aws.hold("iam", "CreateRole", moment="after")
        with environment.running(*DEPLOY, variables=SMALL) as deploy:
            hold.wait()
            held = lock(aws)
            assert held
            for command in (RECOVER, (*RECOVER, "--unlock", held["ID"]), DEPLOY):
                said = environment.ops(*command, variables=SMALL)
                assert said.returncode == 3, said.stdout
                assert "is at work on this machine" in said.stdout
            kept = lock(aws)
            hold.release()
            assert deploy.wait() == 0, deploy.output
        aws.clear_faults()
        assert kept == held
        assert lock(aws) is None
        assert environment.unrecorded() == set()
        assert {VPC, ROLE} <= set(environment.workspace.addresses())
        environment.workspace.terraform("destroy", "-auto-approve", f"-target={VPC}", f"-target={ROLE}")

    def test_of_a_killed_deploy_goes(self, environment: Operated) -> None:
        """Killed with its Terraform, a deploy leaves a lock whose holder is known to have ended: no ID is needed."""
        aws = environment.aws
        Kill("iam", "CreateRole", 1, "before").happen(environment, SMALL)
        assert lock(aws)
        said = environment.ops(*RECOVER)
        assert said.returncode == 0, said.stdout
        assert re.search(r"held by .*; process \d+ of this machine has ended\n    -> remove the lock", said.stdout)
        assert lock(aws) is None
        assert environment.unrecorded() == set()
        environment.workspace.terraform("destroy", "-auto-approve", f"-target={VPC}", f"-target={ROLE}")


class TestInterrupted:
    def test_ctrl_c_is_passed_on_once_and_waited_for(self, environment: Operated) -> None:
        """An interrupted deploy lets Terraform write its state, ends with 130, and says where it stopped and what next.

        While it is at work `recover` says who is, and touches nothing. What was in flight is imported afterwards.
        """
        aws = environment.aws
        hold = aws.hold("ec2", "CreateVpc", moment="after")
        with environment.running(*DEPLOY, variables=SMALL) as deploy:
            hold.wait()
            busy = environment.ops(*RECOVER)
            assert busy.returncode == 3, busy.stdout
            assert "-> remove the lock" not in busy.stdout
            deploy.interrupt()
            deploy.wait_for_output("Terraform was told once")
            code = deploy.wait()
        hold.release()
        aws.clear_faults()
        assert code == 130, deploy.output
        assert "Stopped in infrastructure: interrupted" in deploy.output
        assert "Next: python -m ops recover, then python -m ops deploy" in deploy.output
        assert lock(aws) is None
        assert environment.unrecorded() == {VPC}
        said = environment.done(*RECOVER)
        assert f"{VPC}: imported" in said
        again = environment.done(*DEPLOY, variables=SMALL)
        assert "unchanged" in again
        vpcs = [line for line in environment.inventory() if " ec2:vpc " in line]
        assert len(vpcs) == 1


class TestTainted:
    def test_what_is_complete_is_untainted(self, environment: Operated) -> None:
        """A resource whose creation was not seen to end is kept when AWS has it: the next deploy replaces nothing."""
        environment.workspace.terraform("taint", VPC)
        assert environment.ops(*DEPLOY, variables=SMALL).returncode == 3
        said = environment.done(*RECOVER)
        assert f"{VPC}: untainted" in said
        assert tainted(environment.workspace) == set()

    def test_what_does_not_exist_is_left_to_the_deploy(self, environment: Operated) -> None:
        """A tainted record of nothing is said, and hinders no deploy: it makes the resource anew."""
        environment.workspace.terraform("taint", ROLE)
        iam = client(environment.aws, "iam")
        for policy in iam.list_attached_role_policies(RoleName="airflow-dev-cluster")["AttachedPolicies"]:
            iam.detach_role_policy(RoleName="airflow-dev-cluster", PolicyArn=policy["PolicyArn"])
        iam.delete_role(RoleName="airflow-dev-cluster")
        said = environment.done(*RECOVER)
        assert "tainted, and it does not exist" in said
        environment.done(*DEPLOY, variables=SMALL)
        assert tainted(environment.workspace) == set()
        assert iam.get_role(RoleName="airflow-dev-cluster")


class TestOthersObjects:
    def test_another_environments_object_is_not_touched(self, environment: Operated) -> None:
        """With another environment's tags an object under one of our addresses is neither found nor changed."""
        other = create_vpc(environment, Environment="dev-2")
        said = environment.done(*RECOVER)
        assert "infrastructure: nothing to repair." in said
        ec2 = client(environment.aws, "ec2")
        assert ec2.describe_vpcs(VpcIds=[other])["Vpcs"]
        ec2.delete_vpc(VpcId=other)

    def test_a_second_object_is_for_people_to_decide(self, environment: Operated) -> None:
        """Where the state knows one object and there are two, `recover` names the other and leaves it (3)."""
        second = create_vpc(environment)
        said = environment.ops(*RECOVER)
        assert said.returncode == 3, said.stdout
        assert second in said.stdout
        assert "delete it if it is nobody's" in said.stdout
        ec2 = client(environment.aws, "ec2")
        assert ec2.describe_vpcs(VpcIds=[second])["Vpcs"]
        ec2.delete_vpc(VpcId=second)


class TestDeployStopsEarly:
    def test_a_preflights_problem(self, environment: Operated) -> None:
        """What a preflight finds stops a deploy before anything is done, each with its way out (3)."""
        before = environment.inventory()
        said = environment.ops("deploy", *STACK, "--yes")
        assert said.returncode == 3, said.stdout
        assert "Nothing was deployed." in said.stdout
        assert "still placeholders: " in said.stdout
        assert environment.inventory() == before

    def test_nobody_can_be_asked(self, environment: Operated) -> None:
        """Without --yes and without a terminal the plan is shown and declined (3)."""
        client(environment.aws, "iam").untag_role(RoleName="airflow-dev-cluster", TagKeys=["Name"])
        before = environment.inventory()
        said = environment.ops("deploy", *STACK, "--skip-preflight", variables=SMALL)
        assert said.returncode == 3, said.stdout
        assert "add --yes to apply it" in said.stdout
        assert environment.inventory() == before
