"""helm/values.yaml: the user's part of the chart's values, read, checked and merged with what the stack computes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
from constructs.airflow.chart import values_schema
from constructs.airflow.option_names import option_names
from constructs.airflow.refusals import refusals
from constructs.airflow.user_configuration import configuration_problems
from constructs.airflow.user_options import option_remarks
from constructs.airflow.user_variables import variable_problems
from constructs.airflow.value_names import ValueNames, value_names
from constructs.airflow.values_as_written import as_written
from constructs.airflow.values_merge import merged
from constructs.airflow.values_text import values_text
from constructs.airflow.values_variables import with_users_variables
from constructs.settings.document import Document, Location
from constructs.settings.problems import EnvironmentFileError, Problem, key_path, printable
from constructs.settings.reading import Expected, read_document
from constructs.settings.shapes import closest

#: Where the user's part is, below the checkout's root.
FILE = Path("helm") / "values.yaml"

_EXPECTED = Expected(
    content="values for the Airflow chart",
    start_from="write a map, or leave the file empty",
    example=str(FILE),
    examples="restore it from git; it may be empty, but not missing",
    keys="the values of the chart",
    see="remove the innermost ones",
    may_be_empty=True,
)


class ComputedValuesError(Exception):
    """What the stack computes doesn't fit the chart: nothing that the user can put right."""


@dataclass(frozen=True, kw_only=True)
class UserValues:
    """The values of a file without mistakes, and what is odd about them."""

    document: Document
    values: Mapping[str, Any]
    warnings: Sequence[str]

    @property
    def cleans_pods(self) -> bool:
        """Whether the chart's job is on that deletes finished pods of the KubernetesExecutor."""
        cleanup = self.values.get("cleanup")
        return isinstance(cleanup, Mapping) and cleanup.get("enabled") is True


def read_user_values(path: Path) -> UserValues:
    """Return the values of the user's file.

    Raises:
        EnvironmentFileError: no readable YAML, or values that are the stack's; all mistakes at once.
    """
    document = read_document(path, _EXPECTED)
    values: Mapping[str, Any] = document.values if isinstance(document.values, dict) else {}
    refused = list(refusals(document, values))
    # Of what is inside something that is refused as a whole nothing more is said.
    inside = tuple(f"{problem.key}." for problem in refused)
    others = (*variable_problems(document, values), *configuration_problems(document, values))
    problems = [*document.problems, *refused, *(found for found in others if not found.key.startswith(inside))]
    if problems:
        raise EnvironmentFileError(sorted(problems, key=lambda problem: problem.line or 0))
    remarks = option_remarks(document, values, option_names())
    warnings = [*_unknown_names(document, values, value_names()), *remarks]
    return UserValues(document=document, values=as_written(document, values), warnings=warnings)


def release_values(user: UserValues, computed: Mapping[str, Any], chart: Path | None = None) -> str:
    """Return the text of all values for the `helm_release`; checked against the schema of the chart, if it is given.

    Raises:
        EnvironmentFileError: the chart takes no such values as the user's file has.
        ComputedValuesError: the chart takes no such values as the stack computes.
    """
    values = merged(user.values, with_users_variables(user.values, computed))
    if chart is not None:
        schema = values_schema(chart)
        for path, message, _ in _mistakes(computed, schema):
            raise ComputedValuesError(
                f"A defect of this project (please report it): what it computes does not fit the chart in {chart}.\n"
                f"{key_path(path)}: {message}"
            )
        problems = [_mistake(user.document, *mistake) for mistake in _mistakes(values, schema)]
        if problems:
            raise EnvironmentFileError(sorted(problems, key=lambda problem: problem.line or 0))
    return values_text(values)


def _mistakes(values: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[tuple[Location, str, object]]:
    """Path, message and value of each part that doesn't fit a schema."""
    validator = jsonschema.validators.validator_for(schema)(schema)
    for found in validator.iter_errors(_as_helm_checks(values)):
        error = jsonschema.exceptions.best_match([found])
        path = tuple(error.absolute_path)
        if error.validator != "additionalProperties" or error.validator_value is not False:
            yield path, printable(error.message, longest=300), error.instance
            continue
        for name in error.instance.keys() - error.schema.get("properties", {}).keys():
            nearest = closest(name, error.schema.get("properties", {}))
            hint = f"; did you mean {nearest}?" if nearest else ""
            yield (*path, name), f"the chart has no such value{hint}", error.instance[name]


def _as_helm_checks(value: Any) -> Any:
    """Return values without what is null: to Helm that is no value, it takes away the chart's default."""
    if isinstance(value, Mapping):
        return {name: _as_helm_checks(inner) for name, inner in value.items() if inner is not None}
    return value


def _mistake(document: Document, path: Location, message: str, value: object) -> Problem:
    allowed, fix = f"what the chart's own schema says: {message}", "see values.schema.json of the chart"
    return Problem(document.file, document.line(path), key_path(path), printable(repr(value)), allowed, fix)


def _unknown_names(document: Document, values: Mapping[str, Any], known: ValueNames) -> Iterator[str]:
    """A sentence for each name of the first two levels that the chart doesn't have."""
    for name, value in values.items():
        if not known.knows(name):
            yield _unknown(document, (name,), known.names, known.chart)
        elif isinstance(value, dict):
            allowed = known.names[name]
            for below in value:
                if allowed is not None and not known.knows(name, below):
                    yield _unknown(document, (name, below), allowed, known.chart)


def _unknown(document: Document, path: Sequence[str], allowed: Iterable[str], chart: str) -> str:
    nearest = closest(path[-1], allowed)
    hint = f"; did you mean {nearest}?" if nearest else ""
    place = f"{document.file}:{document.line(path)}: {key_path(path)}"
    return f"{place}: version {chart} of the Airflow chart has no such value{hint}"
