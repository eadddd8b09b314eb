"""Who holds a lock that a command of ours has taken, and whether that is still at work.

Terraform's own lock names a user and a machine: too little to know. Ours also names the workflow's run, or the process
by a file on its machine: the process, and the Terraform that it starts, keep that file locked, and the operating system
frees it when the last of them has ended, however they end. A number that another process has got misleads nobody.
"""

from __future__ import annotations

import fcntl
import os
import re
import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from ops.clients.github import GitHub
from ops.console.errors import OperationError

_ENDED = "completed"
#: End of the name of a holder's file.
AT_WORK = ".at-work"
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_RUN = re.compile(r"[1-9]\d{0,19}")
_REPOSITORY = re.compile(r"[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}")
GITHUB = "https://github.com"
#: RUNNER_ENVIRONMENT of a machine of GitHub's: it is taken away when the run ends, and Terraform with it.
HOSTED = "github-hosted"


class Verdict(Enum):
    """What is known of a holder."""

    GONE = "gone"
    AT_WORK = "at work"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Judgement:
    """What is known of a holder, and how."""

    verdict: Verdict
    words: str
    """A sentence's end: what follows `held by ...; `."""


@dataclass(frozen=True, kw_only=True)
class Holder:
    """A process, in a workflow's run or on somebody's machine."""

    host: str
    process: int
    file: str
    """Path on that machine; its name has the lock's ID in it."""

    server: str = ""
    """Of GitHub; empty outside of a workflow, as the next four."""

    repository: str = ""
    run: str = ""
    attempt: str = ""
    runner: str = ""
    """`github-hosted`: a machine that ends with the run. Any other may go on."""

    @classmethod
    def here(cls, environ: Mapping[str, str], file: Path) -> Holder:
        """This process, whose variables are `environ`."""
        known = {
            field: environ.get(f"GITHUB_{name}", "")
            for field, name in (
                ("server", "SERVER_URL"), ("repository", "REPOSITORY"), ("run", "RUN_ID"), ("attempt", "RUN_ATTEMPT"),
            )
        }  # fmt: skip
        known["runner"] = environ.get("RUNNER_ENVIRONMENT", "")
        return cls(host=socket.gethostname(), process=os.getpid(), file=str(file), **known)

    @classmethod
    def of(cls, content: Any) -> Holder | None:
        """The holder as `document` writes it; None where it is none."""
        if not isinstance(content, dict) or not isinstance(content.get("process"), int):
            return None
        names = ("host", "file", "server", "repository", "run", "attempt", "runner")
        text = {name: content.get(name, "") for name in names}
        if not all(isinstance(value, str) for value in text.values()):
            return None
        return cls(process=content["process"], **text)

    def document(self) -> dict[str, Any]:
        """For the lock."""
        return asdict(self)

    def file_here(self, identifier: str) -> Path | None:
        """The file of the lock with this ID, if it is one of this machine; whatever else a lock names is left alone."""
        file = Path(self.file)
        ours = _ID.fullmatch(identifier) and file.name.startswith(".") and file.name.endswith(f".{identifier}{AT_WORK}")
        return file if ours and self.host == socket.gethostname() and file.is_file() else None

    @property
    def run_url(self) -> str:
        """Address of the workflow's run; empty where it is none."""
        return f"{self.server}/{self.repository}/actions/runs/{self.run}" if self.run else ""

    def __str__(self) -> str:
        """For people."""
        return f"workflow run {self.run_url}" if self.run else f"process {self.process}"


def judge(holder: Holder | None, identifier: str, environ: Mapping[str, str]) -> Judgement:
    """What is known of the holder of the lock with this ID, asked on this machine and at GitHub."""
    if holder is None:
        return Judgement(Verdict.UNKNOWN, "taken by no command of ours, so nobody knows whether it is at work")
    if file := holder.file_here(identifier):
        held = _is_held(file)
        if held is False:
            return Judgement(Verdict.GONE, f"process {holder.process} of this machine has ended")
        if held:
            return Judgement(Verdict.AT_WORK, f"process {holder.process}, or its Terraform, is at work on this machine")
    if holder.run:
        return _of_a_run(holder, environ)
    return Judgement(Verdict.UNKNOWN, f"process {holder.process} of {holder.host} can't be asked for from here")


def _is_held(file: Path) -> bool | None:
    """Whether a process has the file locked; None where there is no such file, or it can't be read."""
    try:
        with file.open("rb") as opened:
            fcntl.flock(opened, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return None
    return False


def _of_a_run(holder: Holder, environ: Mapping[str, str]) -> Judgement:
    try:
        status, conclusion = _asked(holder, environ)
    except OperationError as error:
        return Judgement(Verdict.UNKNOWN, f"whether the run has ended is not known: {error.message}")
    if status == _ENDED and holder.runner != HOSTED:
        return Judgement(
            Verdict.UNKNOWN,
            "GitHub says that the run has ended, but its runner is your own, where Terraform may still be at work: "
            f"look for process {holder.process} on {holder.host}",
        )
    if status == _ENDED:
        return Judgement(Verdict.GONE, f"GitHub says that the run has ended ({conclusion or 'without a conclusion'})")
    return Judgement(Verdict.AT_WORK, f"GitHub says that the run is {status.replace('_', ' ')}")


def _asked(holder: Holder, environ: Mapping[str, str]) -> tuple[str, str]:
    """Status and conclusion of a run. The token goes to our own GitHub, whatever a lock names."""
    token = environ.get("GITHUB_TOKEN") or environ.get("GH_TOKEN")
    server = environ.get("GITHUB_SERVER_URL") or GITHUB
    if not (_REPOSITORY.fullmatch(holder.repository) and _RUN.fullmatch(holder.run)) or (
        holder.attempt and not _RUN.fullmatch(holder.attempt)
    ):
        raise OperationError("the lock names none that GitHub could have")
    if holder.server != server:
        raise OperationError(f"it is one of {holder.server}; GITHUB_SERVER_URL and GITHUB_API_URL name another GitHub")
    if not token:
        raise OperationError("GITHUB_TOKEN is not set, with a token that may read the repository's actions")
    github = GitHub(environ.get("GITHUB_API_URL") or "https://api.github.com", holder.repository, token)
    return github.run_status(holder.run, holder.attempt)
