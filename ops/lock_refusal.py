"""Why Terraform could not take a lock: somebody holds it, or it can't be written, which are two things."""

from __future__ import annotations

import re

from ops.errors import LockedError, LockRefusedError, OperationError

_REFUSED = "Error acquiring the state lock"
_HOLDER = re.compile(r"^Lock Info:\n(?P<holder>(?:[ \t]+.*\n?)*)", re.MULTILINE)
_REASON = re.compile(r"^Error message: (?P<reason>.*?)(?=^Lock Info:|^Terraform acquires|\Z)", re.MULTILINE | re.DOTALL)

#: What stands in Terraform's reason -> what to do about it.
_FIXES = {
    "AccessDenied": "use a role with s3:PutObject on <state>.tflock and kms:GenerateDataKey on the state's key",
    "ExpiredToken": "sign in anew (aws sso login), then run the command again",
    "NoSuchBucket": "make the bucket as docs/bootstrap.md says, or correct state.bucket",
    "no space left on device": "free space on the disk that the state lies on, then run the command again",
    "disk quota exceeded": "free space within your quota, then run the command again",
    "read-only file system": "the state lies on a disk that is mounted read-only: mount it for writing",
    "Unsupported state file format": "the state is spoilt: see `A lost state` in docs/operations.md",
    "permission denied": "have the folder state/ and what is in it belong to you (ls -l state/)",
}
_ELSE = "remove the cause that Terraform names, then run the command again; nobody holds the lock"


def lock_refusal(output: str, stack: str) -> OperationError | None:
    """The error for a Terraform that ended without the lock; None where its output tells of something else."""
    text = _without_frame(output)
    if _REFUSED not in text:
        return None
    holder = _HOLDER.search(text)
    if holder and re.search(r"^\s+ID:[ \t]+\S", holder["holder"], re.MULTILINE):
        return LockedError(
            f"Somebody else works on {stack}, or a killed run left its lock:\n{holder['holder'].rstrip()}",
            fix="wait until it is done; if nobody is at work: python -m ops recover",
        )
    found = _REASON.search(text)
    reason = " ".join(found["reason"].split()) if found else text.strip()[-1000:]
    fixes = (fix for sign, fix in _FIXES.items() if sign.casefold() in reason.casefold())
    return LockRefusedError(
        f"{stack}: the lock of the state can't be taken, so nothing was done. Terraform says: {reason}",
        fix=next(fixes, _ELSE),
    )


def _without_frame(output: str) -> str:
    """Terraform's text without the frame that it draws around errors."""
    return "\n".join(re.sub(r"^[│╷╵] ?", "", line).rstrip() for line in output.splitlines())
