"""Variables and files that the environment file gives pods: names that are the stack's, and secrets in clear."""

from __future__ import annotations

from collections.abc import Iterator

from constructs.airflow.user_values import owners
from constructs.airflow.user_values.owned_options import owner_of_variable
from constructs.airflow.user_values.owners import Owner
from constructs.airflow.user_values.secret_signs import in_clear, secret_argument, secret_in
from constructs.airflow.values.bundles import connection_variables
from constructs.settings.document.problems import Problem, key_path
from constructs.settings.document.text import Document, Location
from constructs.settings.environment import Environment
from constructs.settings.sections.airflow.dags import DagsSettings
from constructs.settings.sections.airflow.given import GivenSettings


def problems(environment: Environment, document: Document) -> Iterator[Problem]:
    """Yield each variable that the stack sets itself, and each value that should be in Secrets Manager."""
    airflow = environment.airflow
    for position, variable in enumerate(airflow.environment):
        place: Location = ("airflow", "environment", position)
        if owner := _owner(variable.name, airflow.dags):
            name = (*place, "name")
            allowed = f"names that are the user's: {owner.why}"
            yield Problem(document.file, document.line(name), key_path(name), variable.name, allowed, owner.instead)
        else:
            yield from _in_clear(variable.name, variable, place, document)
    for position, file in enumerate(airflow.files):
        yield from _in_clear("", file, ("airflow", "files", position), document)


def _owner(name: str, dags: DagsSettings) -> Owner | None:
    return owners.DAGS if name in connection_variables(dags) else owner_of_variable(name)


def _in_clear(name: str, given: GivenSettings, place: Location, document: Document) -> Iterator[Problem]:
    text = given.value or ""
    argument = secret_argument(text)
    found = "a secret in clear, by its name" if in_clear(name, text) else secret_in(text)
    if found or argument:
        key = (*place, "value")
        yield Problem(
            document.file,
            document.line(key),
            key_path(key),
            found or f"a secret in clear: its {argument}",
            "nothing in clear: this text is in the repository and in Terraform's state",
            "put it into AWS Secrets Manager, and write secret: with that secret's name instead of value. If this is "
            "the name or the place of a secret only, let its name end in _NAME or _PATH",
        )
