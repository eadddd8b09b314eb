"""Each source of DAGs: which commit of it Airflow runs, which is the newest, and what can't be imported."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from constructs.settings.sections.airflow.dags import FOLDER_BUNDLE, DagsSettings

from ops.console.wording import counted
from ops.dag_check.findings import Mistake, frames_of, message_of
from ops.preflight.repository import Answer

#: In place of the repository of a bundle that was taken out of the file, or renamed.
NOT_IN_FILE = "in Airflow, not in the environment file"
#: So many digits tell commits apart for people.
SHORT = 12


def failure(error: Mapping[str, Any]) -> Mistake:
    """Return what an import error of the API says: the last line in the file itself that it went through."""
    name, trace = str(error.get("filename") or ""), str(error.get("stack_trace") or "")
    lines = [line for file, line in frames_of(trace) if name and file.endswith(f"/{name}")]
    return Mistake(file=name, line=lines[-1] if lines else None, message=message_of(trace))


@dataclass(frozen=True, kw_only=True)
class Source:
    """One of them."""

    name: str
    """As Airflow shows it beside each DAG."""

    repository: str
    """URL, or what the DAGs lie in."""

    reference: str
    dags: int
    commits: Sequence[str]
    """Those that Airflow has parsed its DAGs from: several while a new one comes in."""

    newest: str
    """The commit that the reference is at now; empty where nobody says."""

    problem: str
    """Why `newest` is not known."""

    parsed_seconds_ago: float | None
    """How long ago the oldest of the DAGs was parsed."""

    failures: Sequence[Mistake]

    @property
    def is_behind(self) -> bool:
        """Whether anything but the newest runs, or nothing does; of the folder Airflow knows no commit."""
        return bool(self.newest) and self.name != FOLDER_BUNDLE and list(self.commits) != [self.newest]


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What repositories and Airflow have said, and when."""

    answers: Mapping[str, Answer]
    """Of the repositories, by Airflow's name of each."""

    dags: Sequence[Mapping[str, Any]]
    errors: Sequence[Mapping[str, Any]]
    """Both as Airflow's API has them."""

    at: datetime


def sources(dags: DagsSettings, image: str, heard: Heard) -> list[Source]:
    """Return each source that the environment file names, and each other that Airflow has.

    `image` is Airflow's, for DAGs that are in it.
    """
    named = {name: (each.url, each.reference) for name, each in dags.repositories.items()}
    if dags.needs_own_image:
        named[FOLDER_BUNDLE] = (image, "")
    there = (str(each.get("bundle_name") or "") for each in (*heard.dags, *heard.errors))
    named |= dict.fromkeys(sorted({*there} - {*named, ""}), (NOT_IN_FILE, ""))
    return [_source(name, repository, reference, heard) for name, (repository, reference) in named.items()]


def _source(name: str, repository: str, reference: str, heard: Heard) -> Source:
    there = [each for each in heard.dags if each.get("bundle_name") == name]
    parsed = [datetime.fromisoformat(each["last_parsed_time"]) for each in there if each.get("last_parsed_time")]
    answer = heard.answers.get(name, Answer())
    return Source(
        name=name,
        repository=repository,
        reference=reference,
        dags=len(there),
        commits=sorted({str(each["bundle_version"]) for each in there if each.get("bundle_version")}),
        newest=reference if re.fullmatch(r"[0-9a-f]{40}", reference) else answer.commit_of(reference),
        problem=answer.error,
        parsed_seconds_ago=max(((heard.at - time).total_seconds() for time in parsed), default=None),
        failures=[failure(each) for each in heard.errors if each.get("bundle_name") == name],
    )


def lines(source: Source) -> list[str]:
    """Return what people are told of a source; the first line is its title."""
    at = f", {source.reference[:SHORT] if source.reference == source.newest else source.reference}"
    said = [f"{source.name}: {source.repository}{at if source.reference else ''}"]
    commits = ", ".join(commit[:SHORT] for commit in source.commits)
    age = f", parsed {source.parsed_seconds_ago:.0f} s ago or later" if source.parsed_seconds_ago is not None else ""
    of_what = f" of {commits}" if commits else ""
    said.append(f"{counted(source.dags, 'DAG')}{of_what}{age}")
    if source.problem:
        said.append(f"newest: not known here: {source.problem}")
    elif source.newest:
        runs = "Airflow does not say which runs" if source.name == FOLDER_BUNDLE else "running"
        said.append(f"newest: {source.newest[:SHORT]}, {'not running yet' if source.is_behind else runs}")
    return [*said, *map(str, source.failures)]
