"""The site of the documents: `make docs` builds it strictly into site/, `make docs ARGS=--serve` shows it.

Strictly: a link to no page or no heading, and a page that the navigation in mkdocs.yml has not, end the build.
"""

import programs  # noqa: F401  # first

# isort: split

import os
import subprocess
import sys
from pathlib import Path

from tooling.install import MKDOCS
from tooling.virtual_environments import ROOT

SITE = ROOT / "site"
PROGRAM = MKDOCS / "bin" / "mkdocs"
#: mkdocs-material tells of mkdocs' and its own future at every build (docs/development.md has it).
QUIET = {"NO_MKDOCS_2_WARNING": "1"}


def build(program: Path = PROGRAM, configuration: Path = ROOT / "mkdocs.yml", into: Path = SITE) -> int:
    """Build the site into a folder; returns mkdocs' exit code, 0 where nothing was wrong."""
    command = (program, "build", "--strict", "--config-file", configuration, "--site-dir", into)
    return subprocess.run(command, env=os.environ | QUIET, check=False).returncode


def serve() -> int:
    """Show the site at a local address until Ctrl-C."""
    return subprocess.run((PROGRAM, "serve", "--strict"), cwd=ROOT, env=os.environ | QUIET, check=False).returncode


def main(arguments: list[str]) -> int:
    """Build or show the site; returns the exit code.

    Raises:
        SystemExit: an argument is none of ours.
    """
    if arguments == ["--serve"]:
        return serve()
    if arguments:
        sys.exit(f"make docs takes ARGS=--serve or nothing, not {' '.join(arguments)}.")
    failed = build()
    if not failed:
        print(f"The documents: file://{SITE}/index.html")
    return failed


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
