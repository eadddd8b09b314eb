"""When a lock may be removed: never one that may be in use, unless told by its ID."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ops.aws import Aws
from ops.errors import OperationError
from ops.exit_codes import ExitCode
from ops.recovery.finding import Finding, Repair
from ops.state_location import StateFile, StateLocation
from ops.state_lock import read_lock
from ops.states import StackState
from ops.terraform import Terraform


def lock_finding(state: StackState, timeout_minutes: int, told: str | None) -> Finding | None:
    """What is to be done about the lock on a state; None where there is none.

    `told` is the ID of a lock that somebody wants removed whatever its age. The lock of a local state ends with its
    process, so a process that is at work can't be robbed of it.
    """
    lock = state.lock
    if lock is None:
        return None
    found = Finding(
        stack=state.stack, what="lock", identifier=lock.id, evidence=f"held by {lock}", repair=Repair.DECIDE
    )
    if isinstance(state.location, StateFile):
        if lock.left_behind:
            ended = f"{found.evidence}; its process has ended, and the lock with it"
            return replace(found, evidence=ended, repair=Repair.UNLOCK, stops=False)
        return replace(found, advice="That process is at work on this machine. Wait for it.")
    if not lock.id:
        path = f"s3://{state.location.bucket}/{state.location.lock_key}"
        return replace(
            found,
            advice="It can't be read, so that Terraform has no ID to remove it by. If nobody is at work: "
            f"aws s3 rm {path} --region {state.location.region}",
        )
    old = lock.age is not None and lock.age > timedelta(minutes=timeout_minutes)
    if old or told == lock.id:
        return replace(found, repair=Repair.UNLOCK)
    return replace(
        found,
        advice=f"Locks count as left behind after {timeout_minutes} minutes (state.lock_timeout_minutes). Ask "
        f"{lock.who or 'its holder'}. If nobody is at work: python -m ops recover --unlock {lock.id}",
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
            exit_code=ExitCode.DECISION,
        )
    if isinstance(location, StateFile):
        location.lock_path.unlink(missing_ok=True)
    else:
        terraform.run("force-unlock", "-force", identifier)  # which looks at the ID once more
