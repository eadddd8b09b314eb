"""When `recover` removes a lock."""

from __future__ import annotations

import fcntl
import json
import socket
from datetime import timedelta
from pathlib import Path

import pytest

from ops.clients.aws import Aws
from ops.console.errors import OperationError
from ops.console.exit_codes import ExitCode
from ops.recovery.finding import Finding, Repair
from ops.recovery.locks import lock_finding, remove_lock
from ops.stack_clients.terraform import Terraform
from ops.state.bucket_lock import BucketLock, holder_file
from ops.state.location import StateFile, StateLocation, StateObject
from ops.state.lock import Lock, read_lock
from ops.state.lock_holder import Holder
from ops.state.reading import StackState
from tests.unit.ops.conftest import write

IN_S3 = StateObject("states", "airflow/dev/infrastructure.tfstate", "eu-west-1")
LOCAL = StateFile(Path("infrastructure.tfstate"))


ID = "5f0c1d2e-0000-4000-8000-000000000001"
ANYWHERE = Holder(host="elsewhere", process=4711, file=f"/x/.infrastructure.{ID}.at-work")


def found(
    location: StateLocation,
    minutes: int | None,
    told: str | None = None,
    *,
    ended: bool = False,
    holder: Holder | None = None,
    identifier: str = ID,
) -> Finding:
    """What is found of a lock of that age; None: its age can't be told."""
    age = None if minutes is None else timedelta(minutes=minutes)
    lock = Lock(
        id=identifier, who="ann@host", operation="OperationTypeApply", age=age, left_behind=ended, holder=holder
    )
    state = StackState(stack="infrastructure", location=location, lock=lock)
    finding = lock_finding(state, 60, told, {})
    assert finding
    return finding


class TestLocks:
    def test_no_lock(self) -> None:
        """Without a lock nothing is found."""
        assert lock_finding(StackState(stack="platform", location=IN_S3), 60, None, {}) is None

    @pytest.mark.parametrize("holder", [None, ANYWHERE], ids=["terraform", "another machine"])
    @pytest.mark.parametrize(
        ("minutes", "expected"), [(59, Repair.DECIDE), (60, Repair.UNLOCK_IF_AGREED), (None, Repair.DECIDE)]
    )
    def test_age_is_a_question(self, minutes: int | None, expected: Repair, holder: Holder | None) -> None:
        """However old a lock is, it never goes by itself: where nothing is known of its holder, a person is asked."""
        said = found(IN_S3, minutes, holder=holder)
        assert said.repair is expected
        assert not said.repairable
        assert said.stops_deploy
        assert f"python -m ops recover --unlock {ID}" in said.advice

    def test_told_by_its_id(self) -> None:
        """Whoever names the lock's own ID has it removed at any age; another ID removes nothing."""
        assert found(IN_S3, 0, ID).repair is Repair.UNLOCK
        assert found(IN_S3, 0, "another").repair is Repair.DECIDE

    def test_of_a_process_of_this_machine(self, tmp_path: Path) -> None:
        """One that has ended loses its lock at any age; one that is at work keeps it, also against its ID."""
        file = holder_file(tmp_path, "infrastructure", ID)
        file.touch()
        holder = Holder(host=socket.gethostname(), process=4711, file=str(file))
        assert found(IN_S3, 0, holder=holder).repair is Repair.UNLOCK
        with file.open("rb") as working:
            fcntl.flock(working, fcntl.LOCK_EX)
            kept = found(IN_S3, 6000, ID, holder=holder)
        assert kept.repair is Repair.DECIDE
        assert "process 4711, or its Terraform, is at work on this machine" in kept.evidence
        assert "--unlock takes no lock from who is at work" in kept.advice

    def test_of_a_local_state(self) -> None:
        """A process at work on this machine keeps its lock, also against its ID; one that has ended has none."""
        assert found(LOCAL, 600, ID).repair is Repair.DECIDE
        assert found(LOCAL, 0, ended=True).repair is Repair.UNLOCK

    def test_that_cannot_be_read(self) -> None:
        """A lock without an ID, which Terraform can't remove, is for people, who are told the object."""
        said = found(IN_S3, 1440, "", identifier="")
        assert said.repair is Repair.DECIDE
        assert "aws s3 rm s3://states/airflow/dev/infrastructure.tfstate.tflock --region eu-west-1" in said.advice


def no_terraform(tmp_path: Path) -> Terraform:
    """One that can't be started: whatever is removed is removed without it."""
    return Terraform(tmp_path, {"PATH": ""})


def local(tmp_path: Path, identifier: str) -> StateFile:
    """A local state whose lock, left by a process that has ended, has this ID."""
    state = StateFile(tmp_path / "infrastructure.tfstate")
    state.lock_path.write_text(json.dumps({"ID": identifier, "Who": "ann@host"}), encoding="utf-8")
    return state


AWS = Aws("eu-west-1", "111122223333")


class TestRemoval:
    def test_of_the_lock_that_was_found(self, tmp_path: Path) -> None:
        """What a process that has ended has left beside a local state goes; once more does nothing."""
        state = local(tmp_path, "lock-1")
        remove_lock(state, "lock-1", no_terraform(tmp_path), AWS)
        assert not state.lock_path.exists()
        remove_lock(state, "lock-1", no_terraform(tmp_path), AWS)

    def test_another_lock_stays(self, tmp_path: Path) -> None:
        """Where somebody has taken the lock since it was judged, theirs is left alone."""
        state = local(tmp_path, "lock-2")
        with pytest.raises(OperationError, match="another one by now, held by ann@host") as refused:
            remove_lock(state, "lock-1", no_terraform(tmp_path), AWS)
        assert refused.value.exit_code is ExitCode.DECISION
        assert state.lock_path.exists()

    def test_another_lock_in_a_bucket_stays(self, bucket: BucketLock, tmp_path: Path) -> None:
        """The same for a state in S3: Terraform isn't even asked."""
        write(bucket, {"ID": "lock-2"})
        with pytest.raises(OperationError, match="another one by now"):
            remove_lock(bucket.location, "lock-1", no_terraform(tmp_path), bucket.aws)
        assert read_lock(bucket.location, bucket.aws)
