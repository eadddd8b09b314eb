"""Which environments a pull request touches, going by the files that it changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from constructs.providers.lock_file import SUFFIX

ENVIRONMENTS = "environments"

#: Folders and files at the root that no synthesized stack depends on. Whatever is not named here may change them all.
UNRELATED = frozenset(
    {
        ".ci",
        ".editorconfig",
        ".github",
        ".gitattributes",
        ".gitignore",
        "CHANGELOG.md",
        "LICENSE",
        "Makefile",
        "README.md",
        "bootstrap",
        "dags",
        "docs",
        "mkdocs.yml",
        "ops",
        "programs",
        "pyproject.toml",
        "renovate.json",
        "tests",
        "tooling",
    }
)


@dataclass(frozen=True, kw_only=True)
class Touched:
    """Environments by name, each sorted."""

    environments: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    """Whose file is deleted: nothing generates them any more, and what was deployed stays."""


def touched_environments(changed: Iterable[str], existing: Sequence[str]) -> Touched:
    """Return what the changed paths (as `git diff --name-only` prints them) touch of the environments that exist."""
    named: set[str] = set()
    shared = False
    for path in map(PurePosixPath, changed):
        first = path.parts[0] if path.parts else ""
        if first == ENVIRONMENTS:
            in_it = len(path.parts) == 2  # noqa: PLR2004  # the folder and a file in it
            if in_it and path.name.endswith((".yaml", SUFFIX)):
                named.add(path.name.removesuffix(SUFFIX).removesuffix(".yaml"))
        elif first not in UNRELATED:
            shared = True
    return Touched(
        environments=tuple(sorted(existing if shared else named & {*existing})),
        removed=tuple(sorted(named - {*existing})),
    )
