"""How git-sync 4 reads the variables that the chart gives it.

After main.go of git-sync v4.4.2, the version that the chart 1.22.0 runs. The chart sets the names of git-sync 3 and of
git-sync 4, all of them; where the old ones say something, they win over the new one.
"""

from __future__ import annotations

from collections.abc import Mapping


class RefusesToStartError(Exception):
    """git-sync ends at once, with an error of its configuration."""


def reference(variables: Mapping[str, str | None]) -> str:
    """What git-sync checks out."""
    branch, rev = variables.get("GIT_SYNC_BRANCH") or "", variables.get("GIT_SYNC_REV") or ""
    ref = variables.get("GITSYNC_REF") or ""
    if branch and rev in {"", "HEAD"}:
        ref = branch
    elif rev and not branch:
        ref = rev
    elif branch and rev:
        raise RefusesToStartError("can't set --ref from deprecated --branch and --rev (one or the other is OK)")
    if not ref:
        raise RefusesToStartError("required flag: --ref must be specified")
    return ref


def gives_up_after(variables: Mapping[str, str | None]) -> int:
    """How many failures in a row end the container; 0 as well as 1 is the first."""
    return int(variables.get("GITSYNC_MAX_FAILURES") or 0)
