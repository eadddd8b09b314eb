"""The lock that a command of ours takes on a state in a bucket."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from ops.clients.aws import Aws
from ops.console.errors import LockedError, LockRefusedError, OperationError
from ops.console.exit_codes import ExitCode
from ops.state.bucket_lock import BucketLock, forget_holder
from ops.state.lock import Lock, read_lock
from ops.state.lock_holder import Verdict, judge
from tests.emulator import Emulator
from tests.unit.ops.conftest import write

THEIRS = {"ID": "5f0c1d2e-0000-4000-8000-000000000004", "Who": "bob@desk", "Operation": "OperationTypePlan"}

#: An answer that says nothing of whether S3 has written the object.
SERVER_ERROR: Any = {"Error": {"Code": "InternalError"}, "ResponseMetadata": {"HTTPStatusCode": 500}}


def there(bucket: BucketLock) -> Lock | None:
    """The lock that is there."""
    return read_lock(bucket.location, bucket.aws)


def content(bucket: BucketLock) -> Any:
    """The object as it is stored."""
    location = bucket.location
    return json.loads(bucket.aws.client("s3").get_object(Bucket=location.bucket, Key=location.lock_key)["Body"].read())


class Lossy(Aws):
    """The account, whose answer to PutObject is lost after S3 has carried it out."""

    def client(self, service: str, region: str | None = None) -> Any:
        """A client, or the one that loses that answer."""
        return Losing(super().client(service, region)) if service == "s3" else super().client(service, region)


class Losing:
    """A client of S3."""

    lost: Exception = ReadTimeoutError(endpoint_url="s3")

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def put_object(self, **arguments: Any) -> None:
        """Write, and lose the answer."""
        self._client.put_object(**arguments)
        raise self.lost


@pytest.fixture(params=[signal.SIGTERM, signal.SIGHUP])
def number(request: pytest.FixtureRequest) -> Iterator[signal.Signals]:
    """A signal that ends Python at once."""
    before = signal.signal(request.param, signal.SIG_DFL)
    yield request.param
    signal.signal(request.param, before)


class TestTaken:
    def test_for_a_block(self, bucket: BucketLock) -> None:
        """While it is held it says who holds it, who is at work; afterwards neither lock nor file is left."""
        with bucket.taken() as held:
            lock = there(bucket)
            assert lock
            assert lock.id == held.id
            assert judge(lock.holder, lock.id, {}).verdict is Verdict.AT_WORK
        assert there(bucket) is None
        assert list(bucket.folder.iterdir()) == []

    def test_as_terraform_writes_it(self, bucket: BucketLock) -> None:
        """The fields are Terraform's, so that it says the holder to whom it refuses; `Info` names run or process."""
        run = {
            "GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "acme/airflow",
            "GITHUB_RUN_ID": "77", "GITHUB_RUN_ATTEMPT": "1",
        }  # fmt: skip
        with replace(bucket, environ=run).taken():
            written = content(bucket)
        assert {"ID", "Operation", "Info", "Who", "Version", "Created", "Path"} < set(written)
        assert written["Info"] == "workflow run https://github.com/acme/airflow/actions/runs/77"
        assert written["Path"] == f"{bucket.location.bucket}/{bucket.location.key}"

    def test_given_back_where_the_work_fails(self, bucket: BucketLock) -> None:
        """An error or an interrupt inside the block leaves no lock."""
        for ended in (OperationError("no"), KeyboardInterrupt()):
            with pytest.raises(type(ended)), bucket.taken():
                raise ended
            assert there(bucket) is None

    def test_given_back_where_it_is_told_to_end(self, bucket: BucketLock, number: signal.Signals) -> None:
        """A runner that ends the job, or a terminal that closes while a question stands, leaves no lock."""
        with pytest.raises(KeyboardInterrupt), bucket.taken():
            os.kill(os.getpid(), number)
        assert there(bucket) is None
        assert list(bucket.folder.iterdir()) == []
        assert signal.getsignal(number) is signal.SIG_DFL

    def test_goes_on_where_the_signal_is_ignored(self, bucket: BucketLock, number: signal.Signals) -> None:
        """Under nohup a terminal that closes changes nothing."""
        signal.signal(number, signal.SIG_IGN)
        with bucket.taken() as held:
            os.kill(os.getpid(), number)
            lock = there(bucket)
        assert lock
        assert lock.id == held.id

    def test_encrypted_with_the_states_key(self, bucket: BucketLock, aws: Emulator) -> None:
        """A bucket that refuses any other key than the state's accepts the lock, too."""
        arn = f"arn:aws:kms:{aws.region}:{aws.account_id}:key/1234abcd-12ab-44cd-96ef-1234567890ab"
        keyed = replace(bucket, location=replace(bucket.location, kms_key_id=arn))
        with keyed.taken():
            head = bucket.aws.client("s3").head_object(Bucket=keyed.location.bucket, Key=keyed.location.lock_key)
        assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", arn)

    def test_of_somebody_else_by_now_is_left_alone(self, bucket: BucketLock) -> None:
        """Where ours was removed by force and another taken, the end of our work doesn't take theirs."""
        with bucket.taken():
            write(bucket, THEIRS)
        lock = there(bucket)
        assert lock
        assert lock.id == THEIRS["ID"]

    def test_that_cannot_be_given_back(self, bucket: BucketLock, aws: Emulator) -> None:
        """It is said, and what is left says by itself that its holder has ended, until it is removed."""
        said: list[str] = []
        with replace(bucket, warn=said.append).taken() as held:
            aws.fail("s3", "DeleteObject", code="ExpiredToken", status=400, message="Too late.", times=9)
        aws.clear_faults()
        assert [line for line in said if held.id in line and "python -m ops recover" in line]
        lock = there(bucket)
        assert lock
        assert judge(lock.holder, lock.id, {}).verdict is Verdict.GONE
        forget_holder(lock)
        assert list(bucket.folder.iterdir()) == []

    def test_age_by_the_servers_clock(self, bucket: BucketLock) -> None:
        """What the holder's clock says of the creation doesn't count."""
        write(bucket, {**THEIRS, "Created": "2001-01-01T00:00:00Z"})
        lock = there(bucket)
        assert lock
        assert lock.age is not None
        assert timedelta(0) <= lock.age < timedelta(hours=1)


class TestRefused:
    def test_where_somebody_else_holds_it(self, bucket: BucketLock) -> None:
        """Their lock stays, they are named with what they do, and nothing of ours is left (3)."""
        write(bucket, THEIRS)
        with (
            pytest.raises(LockedError, match=r"held by bob@desk \(plan, 0 min ago\), ID 5f0c1d2e") as refused,
            bucket.taken(),
        ):
            pytest.fail("nobody may work now")  # pragma: no cover
        assert refused.value.exit_code is ExitCode.DECISION
        lock = there(bucket)
        assert lock
        assert lock.id == THEIRS["ID"]
        assert list(bucket.folder.iterdir()) == []

    def test_where_it_cannot_be_written(self, bucket: BucketLock, aws: Emulator) -> None:
        """A missing permission is no holder: said with its call and the fix (1)."""
        aws.fail("s3", "PutObject", code="AccessDenied", status=403, message="You are not.", times=9)
        try:
            with (
                pytest.raises(OperationError, match=r"No permission to lock the state s3://.*\(PutObject: ") as refused,
                bucket.taken(),
            ):
                pytest.fail("nothing may be done now")  # pragma: no cover
        finally:
            aws.clear_faults()
        assert not isinstance(refused.value, LockedError)
        assert refused.value.exit_code is ExitCode.FAILED
        assert "PutObject" in refused.value.fix
        assert list(bucket.folder.iterdir()) == []

    @pytest.mark.parametrize(
        "lost",
        [
            ReadTimeoutError(endpoint_url="s3"),
            ClientError(SERVER_ERROR, "PutObject"),
        ],
        ids=["no answer", "server's error"],
    )
    def test_where_the_answer_is_lost(
        self, bucket: BucketLock, aws: Emulator, monkeypatch: pytest.MonkeyPatch, lost: Exception
    ) -> None:
        """What was written all the same is removed; where it can't be, the holder's file says that we have ended."""
        monkeypatch.setattr(Losing, "lost", lost)
        lossy = replace(bucket, aws=Lossy(bucket.aws.region, bucket.aws.account_id))
        with pytest.raises(OperationError), lossy.taken():
            pytest.fail("nothing may be done now")  # pragma: no cover
        assert there(bucket) is None
        assert list(bucket.folder.iterdir()) == []
        aws.fail("s3", "DeleteObject", code="AccessDenied", status=403, message="You are not.", times=9)
        try:
            with pytest.raises(OperationError), lossy.taken():
                pytest.fail("nothing may be done now")  # pragma: no cover
        finally:
            aws.clear_faults()
        lock = there(bucket)
        assert lock
        assert judge(lock.holder, lock.id, {}).verdict is Verdict.GONE

    def test_where_the_holders_file_cannot_be_written(self, bucket: BucketLock) -> None:
        """A folder that takes no file, as in a read-only checkout, is named with the way out; nothing was locked."""
        bucket.folder.write_text("in the way", encoding="utf-8")
        says = f"no file can be made and locked in {bucket.folder}"
        with pytest.raises(LockRefusedError, match=says) as refused, bucket.taken():
            pytest.fail("nothing may be done now")  # pragma: no cover
        assert not isinstance(refused.value, LockedError)
        assert "AIRFLOW_KEEP_DIR" in refused.value.fix
        assert there(bucket) is None
