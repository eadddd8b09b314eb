"""One run at a time: what a second one is told while a state is in use, and what is left of the lock."""

from __future__ import annotations

import getpass
import re
import subprocess
from dataclasses import dataclass

import pytest

from tests.emulator import Emulator
from tests.terraform.account import client
from tests.terraform.interruptions import STATE_IN_S3, applying, create_state_bucket, lock
from tests.terraform.toolchain import Toolchain
from tests.terraform.workspace import Workspace, environment_file

pytestmark = pytest.mark.slow

#: Made, and read again by each later run, by one call.
TARGET = "aws_iam_role.node"
ROLE = "airflow-dev-node"


@dataclass(frozen=True)
class Shared:
    """An environment whose state two people use."""

    workspace: Workspace
    aws: Emulator

    def apply(self) -> subprocess.CompletedProcess[str]:
        """Apply the one resource."""
        return self._run("apply", "-auto-approve")

    def plan(self) -> subprocess.CompletedProcess[str]:
        """Plan the one resource."""
        return self._run("plan")

    def _run(self, *command: str) -> subprocess.CompletedProcess[str]:
        options = ("-input=false", "-lock-timeout=0s", f"-target={TARGET}")
        return self.workspace.terraform(*command, *options, check=False)


@pytest.fixture(scope="module", params=["local", "s3"])
def shared(
    request: pytest.FixtureRequest, toolchain: Toolchain, emulator: Emulator, tmp_path_factory: pytest.TempPathFactory
) -> Shared:
    """The environment dev with its state in a file, or in a bucket."""
    folder = tmp_path_factory.mktemp(request.param)
    local = request.param == "local"
    if not local:
        create_state_bucket(emulator)
    file = environment_file("dev", folder, **({} if local else {"state": STATE_IN_S3}))
    workspace = Workspace(toolchain, folder, file, emulator.environment(), local_state=local)
    workspace.synth()
    workspace.init()
    shared = Shared(workspace, emulator)
    if not local:  # the role stays where it is: the account is the same
        client(emulator, "iam").delete_role(RoleName=ROLE)
    assert shared.apply().returncode == 0
    return shared


def holder(message: str) -> tuple[str, str]:
    """ID and holder of the lock that a refused run was told."""
    found = re.search(r"^\s*ID:\s+(\S+)$.*?^\s*Who:\s+(\S+)", message, re.DOTALL | re.MULTILINE)
    assert found, message
    return found[1], found[2]


class TestEitherBackend:
    @pytest.mark.parametrize("command", ["plan", "apply"])
    def test_a_second_run_is_refused_with_the_holders_name(self, shared: Shared, command: str) -> None:
        """While one apply is at work, another plan or apply ends at once and says who holds the lock, and its ID."""
        with shared.aws.hold("iam", "GetRole") as hold, applying(shared.workspace, f"-target={TARGET}") as first:
            hold.wait()
            second = shared.apply() if command == "apply" else shared.plan()
            hold.release()
            assert first.wait() == 0, first.output
        assert second.returncode == 1
        assert "Error acquiring the state lock" in second.stdout
        identifier, who = holder(second.stdout)
        assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", identifier)
        assert who.startswith(f"{getpass.getuser()}@")
        assert shared.plan().returncode == 0

    def test_a_failed_apply_lets_the_next_one_in(self, shared: Shared) -> None:
        """After an apply that AWS refused the state is free, and the next apply does what that one couldn't."""
        client(shared.aws, "iam").delete_role(RoleName=ROLE)
        shared.aws.fail("iam", "CreateRole", message="Refused on purpose.")
        failed = shared.apply()
        assert failed.returncode == 1
        assert "Refused on purpose." in failed.stdout
        assert shared.apply().returncode == 0
        assert shared.workspace.addresses() == [TARGET]


@pytest.mark.parametrize("shared", ["s3"], indirect=True)
class TestLockInTheBucket:
    def test_no_lock_is_left_after_an_apply(self, shared: Shared) -> None:
        """The lock object is there during an apply and gone after it, whether it succeeded or failed."""
        with shared.aws.hold("iam", "GetRole") as hold, applying(shared.workspace, f"-target={TARGET}") as apply:
            hold.wait()
            during = lock(shared.aws)
            hold.release()
            assert apply.wait() == 0, apply.output
        assert during is not None
        assert during["Operation"] == "OperationTypeApply"
        assert lock(shared.aws) is None
        client(shared.aws, "iam").delete_role(RoleName=ROLE)
        shared.aws.fail("iam", "CreateRole")
        assert shared.apply().returncode == 1
        assert lock(shared.aws) is None
        assert shared.apply().returncode == 0

    def test_the_lock_of_a_killed_run_is_removed_by_force(self, shared: Shared) -> None:
        """A killed apply's lock stays and refuses everybody; `force-unlock` with its ID removes it."""
        hold = shared.aws.hold("iam", "GetRole")
        with applying(shared.workspace, f"-target={TARGET}") as apply:
            hold.wait()
            apply.kill()
        hold.drop()
        refused = shared.apply()
        assert refused.returncode == 1
        identifier, _ = holder(refused.stdout)
        shared.workspace.terraform("force-unlock", "-force", identifier)
        assert lock(shared.aws) is None
        assert shared.apply().returncode == 0

    def test_a_wrong_id_removes_no_lock(self, shared: Shared) -> None:
        """`force-unlock` with another ID than the lock's is refused and leaves the lock to its holder."""
        with shared.aws.hold("iam", "GetRole") as hold, applying(shared.workspace, f"-target={TARGET}") as apply:
            hold.wait()
            other = "00000000-0000-0000-0000-000000000000"
            unlocked = shared.workspace.terraform("force-unlock", "-force", other, check=False)
            held = lock(shared.aws)
            hold.release()
            assert apply.wait() == 0, apply.output
        assert unlocked.returncode == 1
        assert held is not None


@pytest.mark.parametrize("shared", ["local"], indirect=True)
class TestLockOfAFile:
    def test_a_killed_run_leaves_no_lock(self, shared: Shared) -> None:
        """The lock of a local state ends with the process that holds it, however that ends."""
        hold = shared.aws.hold("iam", "GetRole")
        with applying(shared.workspace, f"-target={TARGET}") as apply:
            hold.wait()
            apply.kill()
        hold.drop()
        assert shared.apply().returncode == 0
