"""What is said where Terraform could not take a lock."""

from __future__ import annotations

import pytest

from ops.console.errors import LockedError, LockRefusedError
from ops.console.exit_codes import ExitCode
from ops.stack_clients.lock_refusal import lock_refusal
from ops.stack_clients.terraform import failure

ADVICE = """
Terraform acquires a state lock to protect the state from being written
by multiple users at the same time. Please resolve the issue above and try
again. For most commands, you can disable locking with the "-lock=false"
flag, but this is not recommended.
"""
HEAD = "Error: Error acquiring the state lock\n\nError message: "
HELD = f"""{HEAD}resource temporarily unavailable
Lock Info:
  ID:        9b0c2a4e-1111-4000-8000-000000000001
  Path:      ../../../../state/dev/infrastructure.tfstate
  Operation: OperationTypeApply
  Who:       ann@laptop
  Version:   1.11.4
  Created:   2026-11-29 22:00:00.1 +0000 UTC
  Info:      
{ADVICE}"""  # noqa: W291  # as Terraform prints it
DENIED = (
    "operation error S3: PutObject, https response error StatusCode: 403, RequestID: 1, HostID: , "
    "api error AccessDenied: User is not authorized to perform: s3:PutObject"
)
SPOILT = "2 problems:\n\n- Unsupported state file format: The state file could not be parsed as JSON:\nsyntax error"


def framed(text: str) -> str:
    """As Terraform draws it around an error."""
    return "╷\n" + "".join(f"│ {line}\n" for line in text.splitlines()) + "╵\n"


class TestLockRefusal:
    @pytest.mark.parametrize("output", [HELD, framed(HELD)], ids=["plain", "framed"])
    def test_where_somebody_holds_it(self, output: str) -> None:
        """The holder is named as Terraform names it (3)."""
        found = lock_refusal(output, "platform")
        assert isinstance(found, LockedError)
        assert found.exit_code is ExitCode.DECISION
        assert "Somebody else works on platform" in found.message
        assert "ann@laptop" in found.message
        assert "9b0c2a4e-1111-4000-8000-000000000001" in found.message

    @pytest.mark.parametrize(
        ("reason", "fix"),
        [
            (DENIED, "s3:PutObject on <state>.tflock"),
            (DENIED.replace("AccessDenied", "ExpiredToken"), "sign in anew"),
            (f"{DENIED.replace('AccessDenied', 'PreconditionFailed')}\n{DENIED}", "s3:GetObject on <state>.tflock"),
            ("open ../state/dev/infrastructure.tfstate: read-only file system", "mounted read-only"),
            ("open ../state/dev/infrastructure.tfstate: permission denied", "belong to you"),
            ("write ../state/dev/.infrastructure.tfstate.lock.info: no space left on device", "free space"),
            (SPOILT, "docs/recovery.md#a-lost-state"),
            ("something new", "remove the cause that Terraform names"),
        ],
    )
    def test_where_it_cannot_be_taken(self, reason: str, fix: str) -> None:
        """Terraform's own reason, in one line, and the fix for that (1); that nobody holds it is not claimed."""
        found = lock_refusal(framed(f"{HEAD}{reason}\n{ADVICE}"), "infrastructure")
        assert isinstance(found, LockRefusedError)
        assert not isinstance(found, LockedError)
        assert found.exit_code is ExitCode.FAILED
        assert found.message.endswith(f"Terraform says: {' '.join(reason.split())}")
        assert "Somebody" not in found.message
        assert fix in found.fix
        assert "nobody holds" not in found.fix

    def test_where_the_holder_cannot_be_read(self) -> None:
        """A lock block without an ID names no holder."""
        found = lock_refusal(f"{HEAD}{DENIED}\nLock Info:\n  ID:        \n  Who:       \n{ADVICE}", "platform")
        assert not isinstance(found, LockedError)

    def test_opentofu_says_the_same_under_its_own_name(self) -> None:
        """Its locks are read as Terraform's, and its reasons are told as its own; the text is that of 1.11.5."""
        advice = ADVICE.replace("Terraform", "OpenTofu")
        assert isinstance(lock_refusal(HELD.replace(ADVICE, advice), "infrastructure"), LockedError)
        found = lock_refusal(framed(f"{HEAD}something new\n{advice}"), "infrastructure")
        assert isinstance(found, LockRefusedError)
        assert found.message.endswith("OpenTofu says: something new")
        assert "the cause that OpenTofu names" in found.fix

    def test_of_each_subcommand(self) -> None:
        """Whatever subcommand ended so says it, not only a plan."""
        assert isinstance(failure(("state", "rm", "a.b"), 1, HELD, "platform"), LockedError)
        assert isinstance(failure(("state", "push"), 1, f"\x1b[31m{HELD}\x1b[0m", "platform"), LockedError)
        assert lock_refusal("Error: Invalid index", "platform") is None
