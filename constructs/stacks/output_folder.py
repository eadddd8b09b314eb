"""The folder that synthesized JSON goes to, one per environment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from constructs.settings.document.problems import printable

MARKER = ".environment"


class OutputFolderError(Exception):
    """The folder belongs to another environment, or is none that can be written; the message says what to do."""


def output_folder(environ: Mapping[str, str], environment: str, root: Path) -> Path:
    """Where cdktf wants the output (it says so in CDKTF_OUTDIR), else `cdktf.out/<environment>`.

    Raises:
        OutputFolderError: CDKTF_OUTDIR is no path.
    """
    chosen = environ.get("CDKTF_OUTDIR")
    if not chosen:
        return root / "cdktf.out" / environment
    try:
        chosen.encode()  # as it is written into JSON
        return Path(chosen).resolve()
    except (OSError, RuntimeError, ValueError) as error:  # a loop of links, bytes that are no text
        raise _unusable(Path(chosen), error) from error


def claim(folder: Path, environment: str) -> None:
    """Take `folder` for `environment`.

    Terraform keeps in it which state it works on. Synthesizing another environment into it would make Terraform offer
    to copy the first one's state over the second one's.

    Raises:
        OutputFolderError: the folder holds another environment, is a file, or can't be made or written.
    """
    try:
        _claim(folder, environment)
    except (OSError, ValueError) as error:
        raise _unusable(folder, error) from error


def _claim(folder: Path, environment: str) -> None:
    marker = folder / MARKER
    holder = marker.read_text(encoding="utf-8").strip() if marker.is_file() else environment
    if holder != environment:
        raise OutputFolderError(
            f"{folder} holds the environment {holder}, and this is {environment}: with one folder for both, Terraform "
            f"would mix up their states. Nothing was written.\n"
            f"Fix: give each its own folder, `make deploy AIRFLOW_ENV={environment}` or "
            f"`cdktf deploy --output cdktf.out/{environment} ...`; or delete {folder} (it holds no state)."
        )
    if folder.exists() and not folder.is_dir():
        raise OutputFolderError(f"{folder} is to be the output folder (CDKTF_OUTDIR), but it is a file. Name a folder.")
    folder.mkdir(parents=True, exist_ok=True)
    marker.write_text(f"{environment}\n", encoding="utf-8")


def _unusable(folder: Path, error: Exception) -> OutputFolderError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return OutputFolderError(
        f"{printable(str(folder))} can't be the output folder: {printable(reason)}. Nothing was synthesized.\n"
        "Fix: let CDKTF_OUTDIR name a folder that can be made and written, or unset it for cdktf.out/<environment>; "
        "where it is unset, see who owns that folder and whether the disk is full."
    )
