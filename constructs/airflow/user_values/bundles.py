"""What the user's file says of bundles, in an environment that has them in its own file (airflow.dags.bundles)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from constructs.airflow.user_values import owners
from constructs.airflow.user_values.refusals import refusal
from constructs.airflow.values.bundles import OPTION, PLACE
from constructs.airflow.values.places import value_at
from constructs.settings.document.problems import Problem
from constructs.settings.document.text import Document


def bundle_problems(document: Document, user: Mapping[str, Any], computed: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield each list of bundles of the user's, where the environment has its own: only one can be in force."""
    if value_at(PLACE, computed) is None:
        return
    for path in (PLACE, OPTION):
        if value_at(path, user) is not None:
            yield refusal(document, path, owners.DAGS)
