"""Our lock and Terraform's own, and a state that S3 refuses: Terraform alone, without providers."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ops.clients.aws import Aws
from ops.console.errors import LockedError, LockRefusedError, OperationError
from ops.console.exit_codes import ExitCode
from ops.console.output import Output
from ops.recovery.finding import Repair
from ops.recovery.locks import lock_finding, remove_lock
from ops.recovery.unwritten_state import unwritten_findings, write
from ops.running.applying import Applying, Change
from ops.running.outcome import Ended
from ops.stack_clients.terraform import Terraform
from ops.state.bucket_lock import BucketLock
from ops.state.kept_state import kept
from ops.state.location import StateObject
from ops.state.lock import Lock, read_lock
from ops.state.reading import StackState
from tests.emulator import Emulator
from tests.terraform.toolchain import Toolchain

pytestmark = pytest.mark.slow

STACK = "infrastructure"


@dataclass(frozen=True)
class Stack:
    """One small stack whose state is in a bucket, worked on as our commands do it."""

    terraform: Terraform
    location: StateObject
    account: Aws
    aws: Emulator
    keep: Path

    @property
    def applying(self) -> Applying:
        """The work on it."""
        return Applying(self.terraform, STACK, Output())

    @property
    def lock(self) -> Lock | None:
        """Who holds the lock."""
        return read_lock(self.location, self.account)

    @property
    def by_hand(self) -> Terraform:
        """Terraform as somebody runs it without us."""
        return replace(self.terraform, lock=None)


@pytest.fixture
def stack(toolchain: Toolchain, emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    """A stack of Terraform's own `terraform_data`, of which nothing exists."""
    variables: Mapping[str, str] = emulator.environment()
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    account = Aws(emulator.region, emulator.account_id)
    location = StateObject(
        f"states-of-{tmp_path.name.replace('_', '-')[:40]}0", "dev/infrastructure.tfstate", emulator.region
    )
    account.client("s3").create_bucket(
        Bucket=location.bucket, CreateBucketConfiguration={"LocationConstraint": emulator.region}
    )
    folder, keep = tmp_path / STACK, tmp_path / "state"
    folder.mkdir()
    backend = {"bucket": location.bucket, "key": location.key, "region": location.region, "use_lockfile": True}
    document = {
        "terraform": {"backend": {"s3": {**backend, "use_path_style": True}}},
        "resource": {"terraform_data": {"made": {"input": "once"}}},
    }
    (folder / "cdk.tf.json").write_text(json.dumps(document), encoding="utf-8")
    environ = {**os.environ, "PATH": f"{Path(toolchain.terraform).parent}:{os.environ['PATH']}"}
    lock = BucketLock(stack=STACK, location=location, aws=account, folder=keep, environ={}, warn=lambda _: None)
    made = Stack(Terraform(folder, environ, lock, keep), location, account, emulator, keep)
    made.applying.init()
    yield made
    emulator.clear_faults()


class TestOurLock:
    def test_and_terraforms_refuse_each_other(self, stack: Stack) -> None:
        """From plan to apply Terraform run by hand is refused, our process named; its lock refuses us; none is left."""
        said: list[str] = []

        def approve(_changes: list[Change], _text: str) -> bool:
            with pytest.raises(LockedError) as refused:
                stack.by_hand.plan()
            said.append(refused.value.message)
            return True

        assert stack.applying.run(approve=approve).ended is Ended.CHANGED
        assert f"Info:      process {os.getpid()}" in said[0]
        assert stack.lock is None
        hold = stack.aws.hold("s3", "GetObject", containing="infrastructure.tfstate")
        process = stack.by_hand.start("plan")
        hold.wait()
        with pytest.raises(LockedError, match=r"held by .* \(plan, "):
            stack.applying.run(approve=lambda *_: True)
        hold.release()
        with process:
            process.communicate()
        assert stack.lock is None

    def test_that_cannot_be_written(self, stack: Stack) -> None:
        """A missing permission is called so, where Terraform locks and where we do; nobody is said to work (1)."""
        stack.aws.fail("s3", "PutObject", code="AccessDenied", status=403, message="You are not.", times=99)
        for work in (stack.by_hand.plan, lambda: stack.applying.run(approve=lambda *_: True)):
            with pytest.raises(OperationError, match="AccessDenied") as refused:
                work()
            assert refused.value.exit_code is ExitCode.FAILED
            assert not isinstance(refused.value, LockedError)
            assert "PutObject" in refused.value.fix
        with pytest.raises(LockRefusedError):
            stack.by_hand.plan()


class TestUnwrittenState:
    def test_is_kept_and_written(self, stack: Stack) -> None:
        """A session that ends during an apply leaves the state in our folder, and a lock of who has ended.

        Nothing is planned before the state is written; afterwards Terraform knows what it made, and the file is gone.
        """

        def approve(_changes: list[Change], _text: str) -> bool:
            for action in ("PutObject", "DeleteObject"):
                stack.aws.fail("s3", action, code="ExpiredToken", status=400, message="Expired.", times=99)
            return True

        done = stack.applying.run(approve=approve)
        stack.aws.clear_faults()
        assert (done.ended, done.kept) == (Ended.FAILED, stack.keep / "infrastructure.errored.tfstate")
        assert [failure.summary for failure in done.failures] == ["Failed to save state"]
        with pytest.raises(OperationError, match="a state that Terraform could not write"):
            stack.applying.run(approve=lambda *_: True)
        lock = stack.lock
        found = lock_finding(StackState(stack=STACK, location=stack.location, lock=lock), 60, None, {})
        assert lock
        assert found
        assert found.repair is Repair.UNLOCK
        remove_lock(stack.location, lock.id, stack.terraform, stack.account)
        [waiting] = unwritten_findings(STACK, kept(stack.keep, STACK), stack.location, stack.account)
        assert waiting.repair is Repair.WRITE
        with stack.terraform.locked() as terraform:
            write(Path(waiting.identifier), stack.location, terraform, stack.account)
        assert stack.terraform.state_list() == ["terraform_data.made"]
        assert stack.applying.run(approve=lambda *_: True).ended is Ended.UNCHANGED
        assert list(stack.keep.iterdir()) == []
