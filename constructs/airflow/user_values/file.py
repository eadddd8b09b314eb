"""helm/values.yaml: the user's part of the chart's values, read, checked and merged with what the stack computes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from constructs.airflow.charts.airflow_chart import values_schema
from constructs.airflow.user_values.as_written import as_written
from constructs.airflow.user_values.autoscaling import autoscaling_problems
from constructs.airflow.user_values.checks import problems_of, remarks_on
from constructs.airflow.user_values.owned_beside import problems_beside
from constructs.airflow.user_values.schema_mistakes import schema_mistakes, schema_problem
from constructs.airflow.values.merge import merged
from constructs.airflow.values.priority_classes import with_users_classes
from constructs.airflow.values.text import values_text
from constructs.airflow.values.variables import with_users_variables
from constructs.airflow.values.web_server_configuration import with_users_configuration
from constructs.settings.document.problems import EnvironmentFileError, key_path
from constructs.settings.document.reading import Expected, read_document
from constructs.settings.document.text import Document

#: Where the user's part is, below the checkout's root.
FILE = Path("helm") / "values.yaml"
#: The document that says what belongs into it, in the checkout.
PAGE = "docs/airflow.md#what-you-configure-where"

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


def read_user_values(path: Path, chart: Path | None = None) -> UserValues:
    """Return the values of the user's file; checked against the schema of the chart, too, if it is given.

    Raises:
        EnvironmentFileError: no readable YAML, values that are the stack's, secrets in clear, or what the chart or
            Airflow couldn't read; all mistakes at once.
    """
    document = read_document(path, _EXPECTED)
    values: Mapping[str, Any] = document.values if isinstance(document.values, dict) else {}
    problems = problems_of(document, values, chart)
    if problems:
        raise EnvironmentFileError(problems, page=PAGE)
    return UserValues(document=document, values=as_written(document, values), warnings=remarks_on(document, values))


def release_values(user: UserValues, computed: Mapping[str, Any], chart: Path | None = None) -> str:
    """Return the text of all values for the `helm_release`; checked against the schema of the chart, if it is given.

    Raises:
        EnvironmentFileError: the chart takes no such values as the user's file has, or this environment doesn't.
        ComputedValuesError: the chart takes no such values as the stack computes.
    """
    joined: Mapping[str, Any] = computed
    for join in (with_users_variables, with_users_classes, with_users_configuration):
        joined = join(user.values, joined)
    values = merged(user.values, joined)
    problems = [*autoscaling_problems(user.document, values), *problems_beside(user.document, user.values, computed)]
    if problems:
        raise EnvironmentFileError(problems, page=PAGE)
    if chart is not None:
        schema = values_schema(chart)
        for path, message, _ in schema_mistakes(computed, schema):
            raise ComputedValuesError(
                f"A defect of this project (please report it): what it computes does not fit the chart in {chart}.\n"
                f"{key_path(path)}: {message}"
            )
        problems = [schema_problem(user.document, *mistake) for mistake in schema_mistakes(values, schema)]
        if problems:
            raise EnvironmentFileError(sorted(problems, key=lambda problem: problem.line or 0), page=PAGE)
    return values_text(values)
