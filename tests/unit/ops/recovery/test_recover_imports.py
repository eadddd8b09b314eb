"""Which way imports and new versions of secrets take, with a stand-in for plan and apply."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ops.console.errors import LockedError, OperationError
from ops.console.output import Output
from ops.recovery import importing
from ops.recovery.finding import Finding, Repair
from ops.recovery.importing import Imported, import_all
from ops.running.outcome import Ended, Outcome
from ops.running.progress import Failure
from ops.running.supervision import Finished

SECRET, VERSION = "aws_secretsmanager_secret.redis", "aws_secretsmanager_secret_version.redis"


def finding(what: str, repair: Repair) -> Finding:
    """A finding with that repair."""
    return Finding(stack="infrastructure", what=what, identifier="id", evidence="", repair=repair)


IMPORT, RENEW = finding(SECRET, Repair.IMPORT), finding(VERSION, Repair.RENEW)


class Stack:
    """Terraform in a folder, with what its state knows; imports succeed."""

    def __init__(self, folder: Path, *recorded: str) -> None:
        self.folder, self.recorded = folder, list(recorded)

    def state_list(self) -> list[str]:
        """What is recorded."""
        return self.recorded

    def start(self, *command: str) -> tuple[str, ...]:
        """An import."""
        self.recorded.append(command[1])
        return command


Run = Callable[..., Imported]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`import_all` where plans end one after the other as told."""

    def imported(*findings: Finding, ends: list[Ended | OperationError], recorded: tuple[str, ...] = ()) -> Imported:
        class Applying:
            def __init__(self, *_: Any) -> None:
                pass

            def run(self, *_targets: str, **_: Any) -> Outcome:
                end = ends.pop(0)
                if isinstance(end, OperationError):
                    raise end
                failures = (Failure(address=VERSION, summary="denied", detail=""),) if end is Ended.FAILED else ()
                return Outcome(stack="infrastructure", ended=end, failures=failures)

        monkeypatch.setattr(importing, "Applying", Applying)
        monkeypatch.setattr(importing, "supervise", lambda *_: Finished(0, interrupted=False))
        terraform: Any = Stack(tmp_path, *recorded)
        done = import_all(terraform, "infrastructure", findings, Output())
        assert ends == []
        return done

    return imported


class TestVersionsAlone:
    def test_an_apply_that_fails_is_told(self, run: Run) -> None:
        """A version that could not be written is refused, with Terraform's words."""
        assert run(RENEW, ends=[Ended.FAILED]).refused == {VERSION: f"{VERSION}: denied"}

    def test_a_plan_that_fails_is_told(self, run: Run) -> None:
        """So is one that could not even be planned."""
        assert run(RENEW, ends=[OperationError("no plan")]).refused == {VERSION: "no plan"}

    def test_what_needs_more_is_left_to_the_deploy(self, run: Run) -> None:
        """A plan that would make more than versions is not applied, and that is said."""
        assert run(RENEW, ends=[Ended.DECLINED]) == Imported(later=[VERSION])

    def test_a_lock_ends_it(self, run: Run) -> None:
        """Where somebody holds the lock nothing is tried one by one."""
        held = LockedError("Somebody else works on it", fix="wait")
        with pytest.raises(OperationError, match="Somebody else"):
            run(IMPORT, RENEW, ends=[held])


class TestOneByOne:
    def test_versions_follow_their_secrets(self, run: Run) -> None:
        """Where the plan with both can't be, the secret is imported by itself, and its version is written after it."""
        done = run(IMPORT, RENEW, ends=[Ended.DECLINED, Ended.FAILED])
        assert done.addresses == [SECRET]
        assert done.refused == {VERSION: f"{VERSION}: denied"}

    def test_what_a_failed_plan_has_recorded(self, run: Run) -> None:
        """What was recorded before the failure counts as done."""
        done = run(IMPORT, RENEW, ends=[Ended.FAILED, Ended.FAILED], recorded=(SECRET, VERSION))
        assert (done.addresses, done.refused) == ([SECRET], {})
