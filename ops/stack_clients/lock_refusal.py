"""Why Terraform could not take a lock: somebody holds it, or it can't be written, which are two things."""

from __future__ import annotations

from ops.console.errors import LockedError, LockRefusedError, OperationError
from ops.console.pages import Page
from ops.console.wording import one_line

_REFUSED = "Error acquiring the state lock"
_REASON = "Error message: "
_HOLDER = "Lock Info:"
_ADVICE = ("Terraform acquires a state lock", "OpenTofu acquires a state lock")

#: What stands in Terraform's reason -> what to do about it.
_FIXES = {
    # First: where the lock can't be read, AccessDenied stands beside it.
    "PreconditionFailed": "somebody holds the lock, and you may not read who: use a role with s3:GetObject on "
    "<state>.tflock, then python -m ops recover",
    "AccessDenied": "use a role with s3:PutObject on <state>.tflock and kms:GenerateDataKey on the state's key",
    "ExpiredToken": "sign in anew (aws sso login), then run the command again",
    "NoSuchBucket": f"make the bucket as {Page.STATE} says, or correct state.bucket",
    "no space left on device": "free space on the disk that the state lies on, then run the command again",
    "disk quota exceeded": "free space within your quota, then run the command again",
    "read-only file system": "the state lies on a disk that is mounted read-only: mount it for writing",
    "Unsupported state file format": f"the state is spoilt: see {Page.LOST_STATE}",
    "permission denied": "have the folder state/ and what is in it belong to you (ls -l state/)",
}
_ELSE = "remove the cause that {program} names, then run the command again"


def lock_refusal(output: str, stack: str) -> OperationError | None:
    """The error for a Terraform that ended without the lock; None where its output tells of something else."""
    if _REFUSED not in output:
        return None
    # Without the frame that Terraform draws around errors.
    lines = [line.lstrip("│╷╵").removeprefix(" ").rstrip() for line in output.splitlines()]
    holder = _from(lines, _HOLDER)[1:]
    if any(line.strip().startswith("ID:") and line.split("ID:", 1)[1].strip() for line in holder):
        shown = "\n".join(line for line in holder if line)
        return LockedError(
            f"Somebody else works on {stack}, or a killed run left its lock:\n{shown}",
            fix="wait until it is done; if nobody is at work: python -m ops recover",
        )
    said = " ".join(_from(lines, _REASON) or lines).removeprefix(_REASON)
    reason = one_line(said)
    fixes = (fix for sign, fix in _FIXES.items() if sign.casefold() in said.casefold())
    program = "OpenTofu" if _ADVICE[1] in output else "Terraform"
    return LockRefusedError(
        f"{stack}: the lock of the state can't be taken, so nothing was done. {program} says: {reason}",
        fix=next(fixes, _ELSE.format(program=program)),
    )


def _from(lines: list[str], start: str) -> list[str]:
    """The part of Terraform's text that begins so, up to the next part; nothing where there is none."""
    begin = next((number for number, line in enumerate(lines) if line.startswith(start)), len(lines))
    ends = (number for number, line in enumerate(lines) if number > begin and line.startswith((_HOLDER, *_ADVICE)))
    return lines[begin : next(ends, len(lines))]
