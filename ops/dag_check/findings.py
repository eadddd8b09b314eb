"""What importing the DAG files has brought to light, in words with file and line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """One of a DAG file."""

    file: str
    """Its name below the folder."""

    line: int | None
    """The last one of the file itself that the error went through; None where Airflow says none."""

    message: str

    def __str__(self) -> str:
        """As compilers say it, so that editors find the place."""
        return f"{self.file}:{self.line}: {self.message}" if self.line else f"{self.file}: {self.message}"


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What became of all files of a folder."""

    airflow: str
    python: str
    files: int
    dags: Mapping[str, tuple[str, ...]]
    """Each DAG, with the files that define it."""

    mistakes: tuple[Mistake, ...]
    """In the order of the files; a DAG of several files is one of each but the first."""

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Findings:
        """Return what the document of `inside.py` says."""
        defined: dict[str, list[str]] = {}
        mistakes = []
        for found in document["files"]:
            name = found["file"]
            mistakes += [_mistake(name, document["folder"], error) for error in found["errors"]]
            for dag in found["dags"]:
                others = defined.setdefault(dag, [])
                if others:
                    mistakes.append(_duplicate(name, dag, others[0]))
                others.append(name)
        return cls(
            airflow=document["airflow"],
            python=document["python"],
            files=len(document["files"]),
            dags={dag: tuple(files) for dag, files in sorted(defined.items())},
            mistakes=tuple(mistakes),
        )


def _duplicate(name: str, dag: str, other: str) -> Mistake:
    message = f"the DAG {dag} is in {other}, too: of two with one dag_id, Airflow shows now the one, now the other"
    return Mistake(file=name, line=None, message=message)


def _mistake(name: str, folder: str, error: str) -> Mistake:
    """Read a traceback, or the one line that stands in its place."""
    below = f"{folder.rstrip('/')}/"
    frames = [(file.removeprefix(below), line) for file, line in frames_of(error) if file.startswith(below)]
    own = [line for file, line in frames if file == name]
    message = message_of(error)
    if frames and frames[-1][0] != name:
        message += " ({}:{})".format(*frames[-1])
    return Mistake(file=name, line=own[-1] if own else None, message=message)


def frames_of(error: str) -> list[tuple[str, int]]:
    """Return the files and lines that a traceback goes through, in its order."""
    found = []
    for text in error.splitlines():
        file, _, rest = text.strip().removeprefix('File "').partition('", line ')
        number = rest.partition(",")[0]
        if number.isdecimal():
            found.append((file, int(number)))
    return found


def message_of(error: str) -> str:
    """Return what stands below the last line of code of a traceback: the exception, in one line."""
    said: list[str] = []
    for line in reversed(error.rstrip().splitlines()):
        if said and line.startswith((" ", "Traceback ")):
            break
        if line.strip():
            said.insert(0, line.strip())
    return " ".join(said)
