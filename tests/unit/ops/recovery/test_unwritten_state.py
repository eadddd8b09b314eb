"""A state that Terraform could not write: where it is kept, when it may be written, and that it is."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ops.clients.aws import Aws
from ops.console.errors import OperationError
from ops.console.exit_codes import ExitCode
from ops.console.output import Output
from ops.recovery import repairing
from ops.recovery.finding import Finding, Repair
from ops.recovery.repairing import Repairing
from ops.recovery.survey import Survey
from ops.recovery.unwritten_state import put_spoilt_aside, unwritten_findings, write
from ops.running.applying import Applying
from ops.running.outcome import Ended, Outcome
from ops.running.waiting_state import require_none
from ops.stack_clients.terraform import Terraform
from ops.state.base import Base, settle_bases
from ops.state.bucket_lock import BucketLock
from ops.state.kept_state import ERRORED, keep, kept
from ops.state.location import StateFile

AWS = Aws("eu-west-1", "111122223333")


def state(serial: int, lineage: str = "line", **more: Any) -> str:
    """A state of that serial."""
    return json.dumps(
        {"version": 4, "serial": serial, "lineage": lineage, "resources": [{"serial": serial}], "outputs": {}, **more}
    )


@pytest.fixture
def working(tmp_path: Path) -> Path:
    """The folder that Terraform works in."""
    folder = tmp_path / "stack"
    folder.mkdir()
    (folder / "cdk.tf.json").write_text("{}", encoding="utf-8")
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder for what is kept, which is not there yet."""
    return tmp_path / "state" / "dev"


def terraform(working: Path, script: str, folder: Path | None = None) -> Terraform:
    """Terraform as a script."""
    program = working / "terraform"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o700)
    return Terraform(working, {"PATH": f"{working}:{os.environ['PATH']}"}, keep_in=folder)


def survey(working: Path, folder: Path) -> Survey:
    """The look at an environment whose state is beside that folder."""
    environment = SimpleNamespace(
        state=SimpleNamespace(backend="local", lock_timeout_minutes=60), state_region="eu-west-1"
    )
    operated = SimpleNamespace(
        stack_folder=lambda _: working, keep_folder=folder, environ={}, environment=environment,
        root=folder.parent, name="dev",
    )  # fmt: skip
    session: Any = SimpleNamespace(operated=operated, aws=AWS)
    return Survey(session)


class TestKept:
    def test_from_terraforms_folder(self, working: Path, folder: Path) -> None:
        """It moves to a file for its owner alone; a second one lies beside it, in the order of their serials."""
        for serial in (9, 10):
            (working / ERRORED).write_text(state(serial), encoding="utf-8")
            assert keep(working, folder, "platform")
            assert not (working / ERRORED).exists()
        files = kept(folder, "platform")
        assert [json.loads(file.read_text())["serial"] for file in files] == [9, 10]
        assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
        assert kept(folder, "infrastructure") == []

    def test_from_what_terraform_printed(self, working: Path, folder: Path) -> None:
        """Where Terraform could write it nowhere, what it printed is kept, not the half file beside it."""
        (working / ERRORED).write_text(state(9)[:20], encoding="utf-8")
        file = keep(working, folder, "platform", state(9))
        assert file
        assert file.read_text(encoding="utf-8") == state(9)

    def test_elsewhere_where_the_folder_takes_no_more(
        self, working: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What is only printed goes to the first place that takes it; what has a file stays in that file."""
        folder.parent.mkdir()
        folder.write_text("in the way", encoding="utf-8")
        monkeypatch.setenv("TMPDIR", str(tmp_path / "elsewhere"))
        file = keep(working, folder, "platform", state(9))
        assert file
        assert file.parent == tmp_path / "elsewhere"
        assert file.name.startswith("airflow-dev-platform-")
        assert file.stat().st_mode & 0o777 == 0o600
        (working / ERRORED).write_text(state(9), encoding="utf-8")
        assert keep(working, folder, "platform") == working / ERRORED
        with pytest.raises(OperationError, match=ERRORED):
            require_none(terraform(working, "exit 1", folder), "platform")

    def test_elsewhere_is_found(
        self, working: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """With space on the disk again, nothing begins before it is written, and recover finds it."""
        folder.parent.mkdir()
        folder.write_text("in the way", encoding="utf-8")
        monkeypatch.setenv("TMPDIR", str(tmp_path / "elsewhere"))
        file = keep(working, folder, "platform", state(9))
        folder.unlink()
        with pytest.raises(OperationError, match=f"kept in {file}"):
            require_none(terraform(working, "exit 1", folder), "platform")
        require_none(terraform(working, "exit 1", tmp_path / "another checkout" / "dev"), "platform")
        look = survey(working, folder).unwritten("platform")
        assert look
        assert [(finding.identifier, finding.repair) for finding in look.findings] == [(str(file), Repair.WRITE)]

    def test_of_somebody_else_is_not_ours(
        self, working: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """In a folder that everybody may write, what others could have put there or read is left alone."""
        folder.parent.mkdir()
        folder.write_text("in the way", encoding="utf-8")
        monkeypatch.setenv("TMPDIR", str(tmp_path / "elsewhere"))
        file = keep(working, folder, "platform", state(9))
        assert file
        assert kept(folder, "platform") == [file]
        file.chmod(0o644)
        assert kept(folder, "platform") == []
        file.chmod(0o600)
        monkeypatch.setattr(os, "getuid", lambda: file.stat().st_uid + 1)
        assert kept(folder, "platform") == []

    def test_where_the_user_has_no_home(
        self, working: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A container whose user has no name loses nothing by that."""

        def homeless() -> Path:
            raise RuntimeError

        folder.parent.mkdir()
        folder.write_text("in the way", encoding="utf-8")
        monkeypatch.setattr(Path, "home", homeless)
        monkeypatch.setenv("TMPDIR", str(tmp_path / "elsewhere"))
        assert keep(working, folder, "platform", state(9))
        monkeypatch.setenv("TMPDIR", str(folder))
        with pytest.raises(OperationError, match="It is lost"):
            keep(working, folder, "platform", state(9))

    def test_nowhere(self, working: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where no disk takes it, that is said, with what is left to do."""
        folder.parent.mkdir()
        folder.write_text("in the way", encoding="utf-8")
        monkeypatch.setenv("TMPDIR", str(folder))
        monkeypatch.setenv("HOME", str(folder))
        with pytest.raises(OperationError, match="It is lost") as refused:
            keep(working, folder, "platform", state(9))
        assert "python -m ops recover" in refused.value.fix

    def test_nothing(self, working: Path, folder: Path) -> None:
        """Where Terraform wrote its state, nothing is kept and no folder is made."""
        assert keep(working, folder, "platform") is None
        assert not folder.exists()


def found(waiting: str, stored: str, tmp_path: Path) -> Finding:
    """What is found of a state that waits, where another is stored."""
    file, location = tmp_path / f"platform.{ERRORED}", StateFile(tmp_path / "platform.tfstate")
    file.write_text(waiting, encoding="utf-8")
    if stored:
        location.path.write_text(stored, encoding="utf-8")
    [finding] = unwritten_findings("platform", [file], location, AWS)
    return finding


class TestFinding:
    @pytest.mark.parametrize(
        "stored",
        ["", state(8), state(9)[:20], state(9), state(9, "new")],
        ids=["none", "older", "spoilt", "same", "same in an empty bucket"],
    )
    def test_is_written(self, tmp_path: Path, stored: str) -> None:
        """A state that follows what is stored, or that half of is stored, is written; a deploy stops at it."""
        finding = found(state(9), stored, tmp_path)
        assert finding.repair is Repair.WRITE
        assert finding.stops_deploy

    @pytest.mark.parametrize(
        ("waiting", "stored", "advice"),
        [
            (state(9), state(12), "was written since (serial 12)"),
            (state(9), state(9).replace('{"serial": 9}', ""), "was written since (serial 9)"),
            (state(9), state(1, "other"), "another lineage"),
            ("{", state(1), "no state"),
        ],
    )
    def test_is_for_people_to_decide(self, tmp_path: Path, waiting: str, stored: str, advice: str) -> None:
        """What would take away what was stored since, or is another's, is never written by itself."""
        finding = found(waiting, stored, tmp_path)
        assert finding.repair is Repair.DECIDE
        assert advice in finding.advice


def knowing(serial: int, *identifiers: str) -> str:
    """A state that knows VPCs with these IDs."""
    resources = [
        {"mode": "managed", "type": "aws_vpc", "name": one, "instances": [{"attributes": {"id": one}}]}
        for one in identifiers
    ]
    return state(serial, resources=resources)


class TestBase:
    """A state is kept with serial 12 by a run that began at 10: two writings failed, each of which counts."""

    def finding(self, tmp_path: Path, base: str, stored: str) -> Finding:
        """What is found where it was made from `base`, or nobody has noted from what, and `stored` is there now."""
        file = tmp_path / f"platform.{ERRORED}"
        file.write_text(knowing(12, "a", "b"), encoding="utf-8")
        if base:
            Base(stored=sha256(base.encode()).hexdigest()).note(file)
        return found(file.read_text(encoding="utf-8"), stored, tmp_path)

    @pytest.mark.parametrize(
        ("base", "stored", "repair"),
        [
            (knowing(10, "a"), knowing(10, "a"), Repair.WRITE),
            (knowing(10, "a", "gone"), knowing(10, "a", "gone"), Repair.WRITE),
            (knowing(10, "a"), knowing(11, "a", "theirs"), Repair.DECIDE),
            (knowing(10, "a"), knowing(11), Repair.DECIDE),
            (knowing(10, "a"), "", Repair.WRITE),
            ("", knowing(11, "a"), Repair.WRITE),
            ("", knowing(11, "a", "theirs"), Repair.DECIDE),
        ],
        ids=[
            "as it was", "as it was before a destroy", "another deployed", "another destroyed", "nothing stored",
            "nothing noted, nothing lost", "nothing noted, something lost",
        ],
    )  # fmt: skip
    def test_decides(self, tmp_path: Path, base: str, stored: str, repair: Repair) -> None:
        """It is written over what it was made from; over what somebody stored since it isn't, whatever its serial."""
        finding = self.finding(tmp_path, base, stored)
        assert finding.repair is repair
        assert bool(finding.advice) is (repair is Repair.DECIDE)

    def test_decides_again_before_it_is_written(self, working: Path, tmp_path: Path) -> None:
        """What somebody stores between the look and the writing is not lost either."""
        finding = self.finding(tmp_path, knowing(10, "a"), knowing(10, "a"))
        location = StateFile(tmp_path / "platform.tfstate")
        location.path.write_text(knowing(11, "a", "theirs"), encoding="utf-8")
        with pytest.raises(OperationError, match="Somebody has written") as refused:
            write(Path(finding.identifier), location, terraform(working, f'cp "$4" {location.path}'), AWS)
        assert refused.value.exit_code is ExitCode.DECISION
        assert Path(finding.identifier).exists()

    def test_goes_with_the_state(self, working: Path, tmp_path: Path) -> None:
        """Once the state is written, nothing of it is left; what is noted is for its owner alone."""
        finding = self.finding(tmp_path, knowing(10, "a"), knowing(10, "a"))
        file, location = Path(finding.identifier), StateFile(tmp_path / "platform.tfstate")
        assert {path.stat().st_mode & 0o777 for path in tmp_path.glob("*.base")} == {0o600}
        write(file, location, terraform(working, f'cp "$4" {location.path}'), AWS)
        assert list(tmp_path.glob(f"*{ERRORED}*")) == []

    @pytest.mark.parametrize("theirs", [False, True])
    def test_is_known_while_our_lock_is_there(self, bucket: BucketLock, tmp_path: Path, *, theirs: bool) -> None:
        """A session that had ended could not read it: it is noted before our lock goes, and never under another's."""
        file, stored = tmp_path / f"platform.{ERRORED}", knowing(10, "a", "gone")
        file.write_text(knowing(12, "a"), encoding="utf-8")
        bucket.aws.client("s3").put_object(Bucket=bucket.location.bucket, Key=bucket.location.key, Body=stored.encode())
        with bucket.taken() as held:
            Base(lock="another" if theirs else held.id).note(file)
            settle_bases([file], "another" if theirs else held.id, bucket.location, bucket.aws)
        [finding] = unwritten_findings("platform", [file], bucket.location, bucket.aws)
        assert finding.repair is (Repair.DECIDE if theirs else Repair.WRITE)

    def test_is_noted_before_recover_removes_the_lock(
        self, bucket: BucketLock, working: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A destroy whose session ended knows less than what is stored, and is written all the same."""
        location = bucket.location
        client, stored = bucket.aws.client("s3"), knowing(10, "a", "gone").encode()
        client.put_object(Bucket=location.bucket, Key=location.key, Body=stored)
        (working / ERRORED).write_text(knowing(12, "a"), encoding="utf-8")
        file = keep(working, folder, "infrastructure")
        assert file
        monkeypatch.setattr(repairing, "state_location", lambda *_: location)
        operated = SimpleNamespace(stack_folder=lambda _: working, keep_folder=folder)
        unlocking: Any = SimpleNamespace(
            operated=operated, aws=bucket.aws, output=Output(), terraform=lambda _: terraform(working, "exit 0")
        )
        with bucket.taken() as held:
            Base(lock=held.id).note(file)
            lock = Finding(stack="infrastructure", what="lock", identifier=held.id, evidence="", repair=Repair.UNLOCK)
            assert Repairing(unlocking, survey(working, folder)).unlock(lock) == "lock removed"
        [finding] = unwritten_findings("infrastructure", [file], location, bucket.aws)
        assert finding.repair is Repair.WRITE


class TestWritten:
    @pytest.fixture
    def file(self, folder: Path) -> Path:
        """A state that waits."""
        folder.mkdir(parents=True)
        file = folder / f"platform.{ERRORED}"
        file.write_text(state(9), encoding="utf-8")
        return file

    def test_and_forgotten(self, working: Path, file: Path, tmp_path: Path) -> None:
        """Terraform writes it; when it can be read there, the file goes."""
        location = StateFile(tmp_path / "platform.tfstate")
        write(file, location, terraform(working, f'cp "$4" {location.path}'), AWS)
        assert json.loads(location.path.read_text())["serial"] == 9
        assert not file.exists()

    def test_into_an_empty_bucket(self, working: Path, file: Path, tmp_path: Path) -> None:
        """Terraform gives the first state there a lineage of its own: what it holds is what counts."""
        location = StateFile(tmp_path / "platform.tfstate")
        (working / "made").write_text(state(9, "of its own"), encoding="utf-8")
        write(file, location, terraform(working, f"cp {working}/made {location.path}"), AWS)
        assert not file.exists()

    def test_already(self, working: Path, file: Path, tmp_path: Path) -> None:
        """Killed before the file was removed, the next one writes nothing and removes it."""
        location = StateFile(tmp_path / "platform.tfstate")
        location.path.write_text(state(9), encoding="utf-8")
        write(file, location, terraform(working, "exit 1"), AWS)
        assert not file.exists()

    @pytest.mark.parametrize("script", ["exit 1", "exit 0"], ids=["refused", "without effect"])
    def test_not(self, working: Path, file: Path, tmp_path: Path, script: str) -> None:
        """Whatever happens, the file stays until the state is seen where it belongs."""
        with pytest.raises(OperationError):
            write(file, StateFile(tmp_path / "platform.tfstate"), terraform(working, script), AWS)
        assert file.exists()

    def test_beside_half_a_state(self, tmp_path: Path) -> None:
        """What a full disk has left of a local state, which Terraform can't read, is put aside; a whole one is not."""
        location = StateFile(tmp_path / "platform.tfstate")
        location.path.write_text(state(9)[:20], encoding="utf-8")
        assert "platform.tfstate.spoilt" in put_spoilt_aside(location)
        assert not location.path.exists()
        location.path.write_text(state(9), encoding="utf-8")
        assert put_spoilt_aside(location) == ""
        assert location.path.exists()

    def test_before_anything_else(self, working: Path, file: Path, folder: Path) -> None:
        """Nothing is planned or applied as long as it waits."""
        with pytest.raises(OperationError, match=f"kept in {file}") as refused:
            require_none(terraform(working, "exit 1", folder), "platform")
        assert refused.value.exit_code is ExitCode.DECISION
        require_none(terraform(working, "exit 1", folder), "infrastructure")


class TestApply:
    def outcome(self, working: Path, folder: Path, apply: str, stored: Callable[[], str] | None = None) -> Outcome:
        """End of an apply that does that."""
        script = f"""case $2 in
plan) exit 2;;
show) echo '{{"resource_changes": []}}';;
apply) {apply}; exit 1;;
esac"""
        applying = Applying(replace(terraform(working, script, folder), stored=stored), "platform", Output())
        return applying.run(approve=lambda _changes, _text: True)

    def test_that_leaves_its_state(self, working: Path, folder: Path) -> None:
        """The file that Terraform leaves is kept, and the end says so instead of Terraform's own advice."""
        (working / "left").write_text(state(9), encoding="utf-8")
        diagnostic = {"severity": "error", "summary": "Failed to persist state to backend", "detail": "push it"}
        (working / "said").write_text(json.dumps({"type": "diagnostic", "diagnostic": diagnostic}), encoding="utf-8")
        done = self.outcome(working, folder, f"cd {working}; cp left {ERRORED}; cat said")
        assert done.ended is Ended.FAILED
        assert done.kept == folder / f"platform.{ERRORED}"
        assert f"kept in {done.kept}" in done.reason
        assert done.failures == ()

    def test_notes_what_its_state_follows(self, working: Path, folder: Path) -> None:
        """What is stored at the end of the apply; where it can't be read then, that is left open."""
        (working / "left").write_text(state(9), encoding="utf-8")
        script = f"cd {working}; cp left {ERRORED}"
        done = self.outcome(working, folder, script, lambda: state(8))
        assert done.kept
        assert Base.of(done.kept).stored == sha256(state(8).encode()).hexdigest()
        done.kept.unlink()

        def unreadable() -> str:
            raise OperationError("AWS does not accept the credentials")

        done = self.outcome(working, folder, script, unreadable)
        assert done.kept
        assert Base.of(done.kept) == Base()

    def test_that_prints_its_state(self, working: Path, folder: Path) -> None:
        """So is the state that it prints where it can't write a file either."""
        (working / "said").write_text(json.dumps({"type": "log", "state": json.loads(state(9))}), encoding="utf-8")
        done = self.outcome(working, folder, f"cat {working}/said")
        assert done.kept
        assert json.loads(done.kept.read_text())["serial"] == 9

    def test_that_wrote_its_state(self, working: Path, folder: Path) -> None:
        """A failure of anything else keeps nothing."""
        done = self.outcome(working, folder, "true")
        assert (done.kept, done.reason) == (None, "")
