"""What the exit code of every command of `python -m ops` means."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes; scripts and workflows may rely on them."""

    DONE = 0
    """Done, or nothing to do."""

    FAILED = 1
    """Terraform, AWS or Kubernetes failed."""

    MISTAKE = 2
    """The user's mistake: environment file, arguments, credentials of another account, refused by a guard."""

    DECISION = 3
    """Somebody has to decide: a preflight that is not ok, things found by `recover`, drift."""

    UNREACHED = 4
    """The cluster's API does not answer here: what needs it was not done, all else was."""

    INTERRUPTED = 130
    """Ctrl-C."""
