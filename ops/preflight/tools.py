"""The programs on this machine."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

from ops.clients.terraform_program import OLDEST, TerraformProgram
from ops.console.wording import one_line
from ops.preflight.check import Check, ok, problem

SECONDS = 30


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A program and the oldest version of it that works."""

    name: str
    command: str = ""
    """Its name or path as it is started, where that is not what it is called."""

    arguments: tuple[str, ...]
    oldest: tuple[int, ...]
    why: str
    fix: str


_OTHERS = (
    Tool(
        name="aws",
        arguments=("--version",),
        oldest=(2, 0, 0),
        why="version 1 is what pip installs, and near its end",
        fix="install version 2: https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html",
    ),
    Tool(
        name="node",
        arguments=("--version",),
        oldest=(22, 0, 0),
        why="jsii, which synthesizes",
        fix="make setup installs it into the checkout",
    ),
    Tool(
        name="git",
        arguments=("--version",),
        oldest=(2, 31, 0),
        why="asks the repository of the DAGs, with its credentials in no argument",
        fix="install git 2.31 or newer",
    ),
)


def tools(environ: Mapping[str, str]) -> tuple[Tool, ...]:
    """All of them: Terraform, or OpenTofu where TERRAFORM_BINARY_NAME names it, is the first."""
    program = TerraformProgram.chosen(environ)
    terraform = Tool(
        name=program.name,
        command=program.command,
        arguments=("version",),
        oldest=OLDEST,
        why="write-only arguments, which keep secrets out of the state",
        fix=program.advice,
    )
    return (terraform, *_OTHERS)


def check_tool(tool: Tool, environ: Mapping[str, str]) -> Check:
    """Whether the program is there, runs, and is new enough."""
    path = shutil.which(tool.command or tool.name, path=environ.get("PATH"))
    if not path:
        return problem(tool.name, "not on PATH", tool.fix)
    try:
        done = subprocess.run(
            [path, *tool.arguments],
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as broken:
        return problem(tool.name, f"{path} can't be run: {broken}", tool.fix)
    found = re.search(r"(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?", done.stdout + done.stderr)
    if done.returncode or not found:
        said = one_line(done.stderr or done.stdout)
        return problem(tool.name, f"{path} does not say its version: {said}", tool.fix)
    version = tuple(int(part or 0) for part in found.groups())
    if version < tool.oldest:
        return problem(tool.name, f"{found[0]} is older than {_dotted(tool.oldest)} ({tool.why})", tool.fix)
    return ok(tool.name, found[0])


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
