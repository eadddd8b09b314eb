"""From a path to an environment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from constructs.settings.document.problems import EnvironmentFileError, Problem, key_path, printable
from constructs.settings.document.reading import read_document
from constructs.settings.document.text import Document
from constructs.settings.environment import Environment
from constructs.settings.loading.explain import explain
from constructs.settings.loading.selection import ENVIRONMENTS
from pydantic import ValidationError


def load_environment(path: Path) -> Environment:
    """Return the environment that a YAML file describes; raises `EnvironmentFileError` with every mistake in it."""
    document = read_document(path)
    problems = list(document.problems)
    environment = None
    try:
        environment = Environment.model_validate(document.values)
    except ValidationError as invalid:
        problems += explain(invalid, document)
    problems += _odd_numbers(document, {problem.key for problem in problems})
    name = document.values.get("name") if isinstance(document.values, dict) else None
    if path.absolute().parent.name == ENVIRONMENTS and isinstance(name, str) and name != path.stem:
        problems.append(
            Problem(
                document.file,
                document.line(("name",)),
                "name",
                f'"{name}" in a file called {path.name}',
                f"the file's own name, {path.stem}: two files of one name would share one state",
                f"write name: {path.stem}, or call the file {name}{path.suffix}",
            )
        )
    if problems or environment is None:
        raise EnvironmentFileError(sorted(problems, key=lambda problem: problem.line or 0))
    return environment


def _odd_numbers(document: Document, reported: set[str]) -> Iterator[Problem]:
    """Numbers that YAML 1.1 reads in a way that nobody means, where one is wanted; text has its own report."""
    for location, value in document.odd_numbers.items():
        key = key_path(location)
        if key not in reported:
            written = printable(document.spellings[location])
            received = f"{written} (YAML 1.1 reads it as {value})"
            allowed = "a number in plain decimal digits: no leading zero, no 0x, no colon, no underscore"
            yield Problem(
                document.file, document.line(location), key, received, allowed, f"write {value}, if it is meant"
            )
