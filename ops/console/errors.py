"""What goes wrong while operating, in words for people."""

from __future__ import annotations

from collections.abc import Mapping

from ops.console.exit_codes import ExitCode
from ops.console.pages import Page


class OperationError(Exception):
    """Something the user has to know and can do something about: what happened, the fix, the page, the exit code."""

    page: Page | None = None
    """Where the documents say more; a class of errors may have one of its own."""

    def __init__(
        self, message: str, *, fix: str = "", page: Page | None = None, exit_code: ExitCode = ExitCode.FAILED
    ) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix
        self.page = page or self.page
        self.exit_code = exit_code

    @property
    def hints(self) -> Mapping[str, str]:
        """What helps -> its words: the fix and the page, as far as there are any."""
        return {word: said for word, said in (("Fix", self.fix), ("Page", self.page)) if said}

    @property
    def help(self) -> str:
        """The fix and the page, each a line; empty where there is neither."""
        return "\n".join(f"{word}: {said}" for word, said in self.hints.items())

    def __str__(self) -> str:
        """Both sentences, the fix and the page on lines of their own."""
        return "\n".join(filter(None, (self.message, self.help)))


class NoPermissionError(OperationError):
    """AWS refused a call for lack of permission."""


class NotFoundError(OperationError):
    """What was asked for doesn't exist."""


class UnreachableError(OperationError):
    """Nobody answered: network, name resolution, timeout."""


class ClusterUnreachableError(UnreachableError):
    """The cluster's API didn't answer: it is reached from elsewhere."""

    page = Page.PRIVATE_ENDPOINT

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

    page = Page.LOCK

    def __init__(self, message: str, *, fix: str) -> None:
        super().__init__(message, fix=fix, exit_code=ExitCode.DECISION)


class UnwrittenStateError(OperationError):
    """Terraform has worked and could not write the state; it is kept."""

    page = Page.UNWRITTEN_STATE
