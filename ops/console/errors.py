"""What goes wrong while operating, in words for people."""

from __future__ import annotations

from ops.console.exit_codes import ExitCode


class OperationError(Exception):
    """Something the user has to know and can do something about: what happened, the fix, the exit code."""

    def __init__(self, message: str, *, fix: str = "", exit_code: ExitCode = ExitCode.FAILED) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix
        self.exit_code = exit_code

    def __str__(self) -> str:
        """Both sentences, the fix on a line of its own."""
        return f"{self.message}\nFix: {self.fix}" if self.fix else self.message


class NoPermissionError(OperationError):
    """AWS refused a call for lack of permission."""


class NotFoundError(OperationError):
    """What was asked for doesn't exist."""


class UnreachableError(OperationError):
    """Nobody answered: network, name resolution, timeout."""


class ClusterUnreachableError(UnreachableError):
    """The cluster's API didn't answer: it is reached from elsewhere."""

    def __init__(self, message: str, *, fix: str = "", exit_code: ExitCode = ExitCode.UNREACHED) -> None:
        super().__init__(message, fix=fix, exit_code=exit_code)


class ForeignAnswerError(OperationError):
    """An error that is not the Kubernetes API's, as those are objects of kind `Status`.

    Something before it or behind it has answered, so that who may enter the cluster is not the question.
    """

    def __init__(self, message: str, *, said: str) -> None:
        super().__init__(
            f"{message} (not Kubernetes' own answer)",
            fix="look who answers in its place: a proxy (HTTPS_PROXY, NO_PROXY), a firewall, or the service behind it",
        )
        self.said = said
        """Status and body."""


class LockRefusedError(OperationError):
    """The lock of a state could not be taken, so that nothing was done."""


class LockedError(LockRefusedError):
    """Somebody else holds it."""

    def __init__(self, message: str, *, fix: str) -> None:
        super().__init__(message, fix=fix, exit_code=ExitCode.DECISION)


class UnwrittenStateError(OperationError):
    """Terraform has worked and could not write the state; it is kept."""
