"""Everything that is looked at in the user's file, together: mistakes, and what is only odd."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from constructs.airflow.charts.airflow_chart import values_schema
from constructs.airflow.user_values import owners
from constructs.airflow.user_values.as_written import as_written, kept_spellings
from constructs.airflow.user_values.clear_secrets import secret_problems, secret_remarks
from constructs.airflow.user_values.configuration import configuration_problems
from constructs.airflow.user_values.option_names import option_names
from constructs.airflow.user_values.options import option_remarks
from constructs.airflow.user_values.refusals import refusals
from constructs.airflow.user_values.schema_mistakes import schema_mistakes, schema_problem
from constructs.airflow.user_values.unknown_names import unknown_names
from constructs.airflow.user_values.value_names import value_names
from constructs.airflow.user_values.variables import variable_problems
from constructs.settings.document.odd_numbers import odd_text, odd_values
from constructs.settings.document.problems import Problem
from constructs.settings.document.text import Document


def problems_of(document: Document, values: Mapping[str, Any], chart: Path | None) -> list[Problem]:
    """Return the mistakes of a file, in its order, by the chart's own schema too where the chart is at hand.

    Where there are mistakes, names that the chart doesn't have are among them: nobody mends a file twice.
    """
    found = [*document.problems]
    found += _outside(found, refusals(document, values))
    for more in (variable_problems, configuration_problems, secret_problems):
        found += _outside(found, more(document, values))
    written = as_written(document, values)
    found += _outside(found, odd_values(document, kept_spellings(document, written)))
    if chart is not None:
        mistakes = schema_mistakes(written, values_schema(chart))
        found += _outside(found, (schema_problem(document, *mistake) for mistake in mistakes), around=True)
    elif found:
        found += _outside(found, (name.problem(document) for name in unknown_names(values, value_names())))
    return sorted(found, key=lambda problem: problem.line or 0)


def remarks_on(document: Document, values: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each thing that is odd in a file without mistakes."""
    unknown = [name.remark(document) for name in unknown_names(values, value_names())]
    odd = [odd_text(document, location) for location in kept_spellings(document, as_written(document, values))]
    return [*unknown, *option_remarks(document, values, option_names()), *odd, *secret_remarks(document, values)]


def _outside(said: Sequence[Problem], further: Iterable[Problem], *, around: bool = False) -> Iterator[Problem]:
    """Those of which nothing was said yet: not inside of what has to go as a whole, nor, on demand, around it."""
    keys = {problem.key for problem in said}
    inside = tuple(f"{problem.key}{sign}" for problem in said if not owners.only_moves(problem.fix) for sign in ".[")
    for problem in further:
        starts = (f"{problem.key}.", f"{problem.key}[")
        is_around = around and any(key.startswith(starts) for key in keys)
        if problem.key not in keys and not problem.key.startswith(inside) and not is_around:
            yield problem
