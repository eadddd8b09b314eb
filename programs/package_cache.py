"""Where jsii unpacks the packages that it loads.

Its own place is below HOME, with rules that not every HOME keeps: there jsii ends in a JavaScript traceback, or, where
folders can't be made at all (/proc), never.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Mapping
from pathlib import Path

#: Variables of jsii: the folder, and whether there is one at all.
FOLDER = "JSII_RUNTIME_PACKAGE_CACHE_ROOT"
SWITCH = "JSII_RUNTIME_PACKAGE_CACHE"
#: The place below the checkout that is taken instead.
OWN = Path(".tools") / "jsii"
#: As jsii makes its folders.
PRIVATE = 0o700


def package_cache(environ: Mapping[str, str], root: Path) -> dict[str, str]:
    """Return the variables that jsii needs to have such a folder; none where it has, or where the user sets them.

    Where the checkout can't be written either it unpacks anew in each run.
    """
    if environ.get(FOLDER) or environ.get(SWITCH):
        return {}
    home = Path(environ.get("HOME", ""))
    if not home.is_absolute() or _is_usable(_of_jsii(home)):
        return {}
    return {FOLDER: str(root / OWN)} if _is_writable(root / OWN) else {SWITCH: "disabled"}


def _of_jsii(home: Path) -> Path:
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "com.amazonaws.jsii" / "package-cache"
    return home / ".cache" / "aws" / "jsii" / "package-cache"


def _is_usable(folder: Path) -> bool:
    """Whether jsii takes the folder: writable, its user's own, and nobody else may change it or what is above it."""
    if not _is_writable(folder):
        return False
    folder = Path(os.path.realpath(folder))
    mine, *above = (place.lstat() for place in (folder, *folder.parents))
    user = os.getuid()
    return (
        mine.st_uid == user
        and not _others_may_write(mine)
        and all(
            place.st_uid in {user, 0} and (not _others_may_write(place) or place.st_mode & stat.S_ISVTX)
            for place in above
        )
    )


def _others_may_write(place: os.stat_result) -> bool:
    return bool(place.st_mode & (stat.S_IWGRP | stat.S_IWOTH))


def _is_writable(folder: Path) -> bool:
    """Whether the folder can be written; it is made if it isn't there, as jsii would make it."""
    try:
        for place in reversed((folder, *folder.parents)):
            if not place.exists():
                place.mkdir(mode=PRIVATE)
    except OSError:
        return False
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)
