"""When a lock may be removed: never one that may be in use, unless told by its ID."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from ops.clients.aws import Aws
from ops.console.errors import OperationError
from ops.console.exit_codes import ExitCode
from ops.console.pages import Page
from ops.recovery.finding import Finding, Repair
from ops.stack_clients.terraform import Terraform
from ops.state.bucket_lock import forget_holder
from ops.state.location import StateFile, StateLocation
from ops.state.lock import Lock, read_lock
from ops.state.lock_holder import Verdict, judge
from ops.state.reading import StackState


def lock_finding(state: StackState, ask_after: int, told: str | None, environ: Mapping[str, str]) -> Finding | None:
    """What is to be done about the lock on a state; None where there is none.

    It goes by itself where its holder is known to have ended, and by its ID, which `told` is, where nothing is known of
    the holder. After `ask_after` minutes a person is asked. Whoever is known to be at work keeps it.
    """
    lock = state.lock
    if lock is None:
        return None
    found = Finding(
        stack=state.stack, what="lock", identifier=lock.id, evidence=f"held by {lock}", repair=Repair.DECIDE
    )
    if isinstance(state.location, StateFile):
        return _of_a_file(found, lock)
    if not lock.id:
        path = f"s3://{state.location.bucket}/{state.location.lock_key}"
        return replace(
            found,
            advice="It can't be read, so that Terraform has no ID to remove it by. If nobody is at work: "
            f"aws s3 rm {path} --region {state.location.region}",
        )
    judgement = judge(lock.holder, lock.id, environ)
    found = replace(found, evidence=f"{found.evidence}; {judgement.words}")
    if judgement.verdict is Verdict.GONE or (judgement.verdict is Verdict.UNKNOWN and told == lock.id):
        return replace(found, repair=Repair.UNLOCK)
    return _kept(found, lock, ask_after, at_work=judgement.verdict is Verdict.AT_WORK)


def _of_a_file(found: Finding, lock: Lock) -> Finding:
    """The lock of a local state ends with its process, so a process that is at work can't be robbed of it."""
    if lock.left_behind:
        ended = f"{found.evidence}; its process has ended, and the lock with it"
        return replace(found, evidence=ended, repair=Repair.UNLOCK, stops=False)
    return replace(found, advice="That process is at work on this machine. Wait for it.")


def _kept(found: Finding, lock: Lock, ask_after: int, *, at_work: bool) -> Finding:
    """The lock of who is at work, or may be."""
    if at_work:
        how = f"cancel the run: {lock.holder.run_url}" if lock.holder and lock.holder.run else "end it with Ctrl-C"
        return replace(found, advice=f"Wait until it is done, or {how}. --unlock takes no lock from who is at work.")
    old = lock.age is not None and lock.age >= timedelta(minutes=ask_after)
    return replace(
        found,
        repair=Repair.UNLOCK_IF_AGREED if old else Repair.DECIDE,
        advice=f"A deploy takes half an hour, at times more: ask {lock.held_by or 'its holder'}. If nobody is at work: "
        f"python -m ops recover --unlock {lock.id}",
    )


def remove_lock(location: StateLocation, identifier: str, terraform: Terraform, aws: Aws) -> None:
    """Remove the lock that has this ID, and no other that was taken since somebody agreed; nothing where it is gone.

    Raises:
        OperationError: it is another lock by now; or Terraform or AWS can't be asked.
    """
    lock = read_lock(location, aws)
    if lock is None:
        return
    if lock.id != identifier or (isinstance(location, StateFile) and not lock.left_behind):
        raise OperationError(
            f"The lock on {location} is another one by now, held by {lock}. It was left alone.",
            fix="wait until it is done, then python -m ops recover",
            page=Page.LOCK,
            exit_code=ExitCode.DECISION,
        )
    if isinstance(location, StateFile):
        location.lock_path.unlink(missing_ok=True)
    else:
        terraform.run("force-unlock", "-force", identifier)  # which looks at the ID once more
        forget_holder(lock)
