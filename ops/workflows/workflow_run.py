"""What a step of a workflow gets and gives besides its exit code: variables, outputs, the job's summary."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from secrets import token_hex


def run_url(environ: Mapping[str, str]) -> str:
    """Return the address of the workflow's run; empty outside of one."""
    server, repository, run = (environ.get(f"GITHUB_{name}", "") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID"))
    return f"{server}/{repository}/actions/runs/{run}" if server and repository and run else ""


def give(environ: Mapping[str, str], **outputs: str) -> None:
    """Hand values to later steps and jobs; nothing outside of a workflow."""
    file = environ.get("GITHUB_OUTPUT")
    if not file:
        return
    with Path(file).open("a", encoding="utf-8") as stream:
        for name, value in outputs.items():
            # As GitHub wants values of more than one line; the end mark can't be in the value.
            end = f"end-{token_hex(16)}"
            stream.write(f"{name}<<{end}\n{value}\n{end}\n")


def summarize(environ: Mapping[str, str], text: str) -> bool:
    """Add Markdown to the job's summary; return whether there is one."""
    file = environ.get("GITHUB_STEP_SUMMARY")
    if not file:
        return False
    with Path(file).open("a", encoding="utf-8") as stream:
        stream.write(f"{text.rstrip()}\n\n")
    return True
