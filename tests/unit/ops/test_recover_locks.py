"""When `recover` removes a lock."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ops.aws import Aws
from ops.errors import OperationError
from ops.exit_codes import ExitCode
from ops.recovery.finding import Repair
from ops.recovery.locks import lock_finding, remove_lock
from ops.state_location import StateFile, StateLocation, StateObject
from ops.state_lock import Lock
from ops.states import StackState
from ops.terraform import Terraform
from tests.emulator import Emulator

IN_S3 = StateObject("states", "airflow/dev/infrastructure.tfstate", "eu-west-1")
LOCAL = StateFile(Path("infrastructure.tfstate"))


def repair(location: StateLocation, minutes: int | None, told: str | None = None, *, ended: bool = False) -> Repair:
    """What becomes of a lock of that age; None: its age can't be read."""
    created = None if minutes is None else datetime.now(UTC) - timedelta(minutes=minutes)
    lock = Lock(id="lock-1", who="ann@host", operation="OperationTypeApply", created=created, left_behind=ended)
    state = StackState(stack="infrastructure", location=location, lock=lock)
    found = lock_finding(state, 10, told)
    assert found
    return found.repair


class TestLocks:
    def test_no_lock(self) -> None:
        """Without a lock nothing is found."""
        assert lock_finding(StackState(stack="platform", location=IN_S3), 10, None) is None

    @pytest.mark.parametrize(
        ("minutes", "expected"), [(9, Repair.DECIDE), (11, Repair.UNLOCK), (None, Repair.DECIDE), (-5, Repair.DECIDE)]
    )
    def test_by_age(self, minutes: int | None, expected: Repair) -> None:
        """Only a lock that is known to be older than the timeout goes by itself."""
        assert repair(IN_S3, minutes) is expected

    def test_told_by_its_id(self) -> None:
        """Whoever names the lock's own ID has it removed at any age; another ID removes nothing."""
        assert repair(IN_S3, 0, "lock-1") is Repair.UNLOCK
        assert repair(IN_S3, 0, "lock-2") is Repair.DECIDE

    def test_of_a_local_state(self) -> None:
        """A process at work on this machine keeps its lock, also against its ID; one that has ended has none."""
        assert repair(LOCAL, 600, "lock-1") is Repair.DECIDE
        assert repair(LOCAL, 0, ended=True) is Repair.UNLOCK

    def test_that_cannot_be_read(self) -> None:
        """A lock without an ID, which Terraform can't remove, is for people, who are told the object."""
        lock = Lock(id="", who="", operation="", created=datetime.now(UTC) - timedelta(days=1))
        found = lock_finding(StackState(stack="infrastructure", location=IN_S3, lock=lock), 10, "")
        assert found
        assert found.repair is Repair.DECIDE
        assert "aws s3 rm s3://states/airflow/dev/infrastructure.tfstate.tflock --region eu-west-1" in found.advice


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

    def test_another_lock_in_a_bucket_stays(
        self, aws: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The same for a state in S3: Terraform isn't even asked."""
        credentials: Mapping[str, str] = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
        for name, value in {**credentials, "AWS_ENDPOINT_URL": aws.endpoint}.items():
            monkeypatch.setenv(name, value)
        account = Aws(aws.region, aws.account_id)
        location = StateObject("locked-states", "dev/infrastructure.tfstate", aws.region)
        s3 = account.client("s3")
        s3.create_bucket(Bucket=location.bucket, CreateBucketConfiguration={"LocationConstraint": aws.region})
        s3.put_object(Bucket=location.bucket, Key=location.lock_key, Body=json.dumps({"ID": "lock-2"}).encode())
        with pytest.raises(OperationError, match="another one by now"):
            remove_lock(location, "lock-1", no_terraform(tmp_path), account)
        assert s3.head_object(Bucket=location.bucket, Key=location.lock_key)
