"""From a path to an environment."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from constructs.airflow.user_values import given
from constructs.capacity import refusals
from constructs.settings.document.odd_numbers import odd_numbers
from constructs.settings.document.problems import EnvironmentFileError, Problem
from constructs.settings.document.reading import read_document
from constructs.settings.environment import Environment
from constructs.settings.loading.explain import explain
from constructs.settings.loading.selection import ENVIRONMENTS
from pydantic import ValidationError

#: The document that describes every key, in the checkout.
PAGE = "docs/environment-file.md"


def load_environment(path: Path) -> Environment:
    """Return the environment that a YAML file describes; raises `EnvironmentFileError` with every mistake in it."""
    document = read_document(path)
    problems = list(document.problems)
    environment = None
    try:
        environment = Environment.model_validate(document.values)
    except ValidationError as invalid:
        problems += explain(invalid, document)
    reported = {problem.key for problem in problems}
    # Where text is wanted the number has its own report.
    problems += [odd for odd in odd_numbers(document) if odd.key not in reported]
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
    if environment is not None:
        problems += [*refusals.problems(environment, document), *given.problems(environment, document)]
    if problems or environment is None:
        raise EnvironmentFileError(sorted(problems, key=lambda problem: problem.line or 0), page=_page(problems))
    return environment


def _page(problems: Sequence[Problem]) -> str:
    """Return where the document has what is wrong: the one section that all mistakes are in, or every key."""
    sections = {re.split(r"\W", problem.key)[0] for problem in problems}
    anchor = sections.pop() if len(sections) == 1 else ""
    return f"{PAGE}#{anchor if anchor in Environment.model_fields else 'every-key'}"
