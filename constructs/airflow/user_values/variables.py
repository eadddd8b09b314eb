"""Environment variables in the user's file: where they stand, and which of them may not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from constructs.airflow.user_values.configuration_templates import named_values, of_several_lines
from constructs.airflow.user_values.owned_options import owner_of_git_variable, owner_of_variable
from constructs.airflow.user_values.owners import Owner
from constructs.airflow.user_values.refusals import refusal
from constructs.airflow.values.variables import EXTRA, extra_variables
from constructs.settings.document.problems import Problem, key_path
from constructs.settings.document.text import Document, Location

_EXAMPLES = {
    "name": 'env: [{name: MY_SETTING, value: "..."}]',
    "envName": "secret: [{envName: MY_SETTING, secretName: ..., secretKey: ...}]",
}
#: What Kubernetes takes for the name of a variable.
_NAME = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")
#: List -> what its entries call a variable's name.
_LISTS = {"env": "name", "secret": "envName"}
#: Maps that have such a list; elsewhere `env` may be the name of a label.
_OF_COMPONENTS = {
    *("apiServer", "scheduler", "dagProcessor", "triggerer", "workers", "celery", "kubernetes", "dags", "gitSync"),
    *("cleanup", "databaseCleanup", "pgbouncer", "statsd", "redis", "waitForMigrations", "logGroomerSidecar"),
}
#: Containers that are the user's own, whose variables concern nobody else.
_OWN_CONTAINERS = {"extraContainers", "extraInitContainers"}
#: Places whose lists the chart evaluates as templates.
_TEMPLATED = {"waitForMigrations", "logGroomerSidecar"}


@dataclass(frozen=True, kw_only=True)
class Variable:
    """One entry of a list of variables."""

    location: Location
    """Of its name."""

    name: object
    entry: Mapping[str, Any]
    """All that is said of it."""

    @property
    def value(self) -> object:
        """What it is in clear; None where it comes from elsewhere, such as a secret."""
        return self.entry.get("value")

    @property
    def is_named(self) -> bool:
        """Whether its name is one of a variable."""
        return isinstance(self.name, str) and bool(_NAME.fullmatch(self.name))

    @property
    def owner(self) -> Owner | None:
        """Who sets it instead; nobody does in containers of the user's own."""
        if _OWN_CONTAINERS & set(self.location):
            return None
        of_git = self.location[:2] == ("dags", "gitSync")
        return owner_of_git_variable(str(self.name)) if of_git else owner_of_variable(str(self.name))


def variables(values: object, above: Location = ()) -> Iterator[Variable]:
    """Yield the variables of all containers and of single ones, at any depth, in lists too."""
    if isinstance(values, list):
        for position, entry in enumerate(values):
            yield from variables(entry, (*above, position))
    if not isinstance(values, Mapping):
        return
    for name, value in values.items():
        path = (*above, name)
        entries = extra_variables(value) if path == (EXTRA,) and isinstance(value, str) else value
        key = "name" if path == (EXTRA,) else _LISTS.get(name)
        if key and isinstance(entries, list):
            for position, entry in enumerate(entries):
                if isinstance(entry, Mapping) and key in entry:
                    yield Variable(location=(*path, position, key), name=entry[key], entry=entry)
        yield from variables(value, path)


def variable_problems(document: Document, values: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield each variable that would override a value of the stack's, and what is no variable."""
    extra = values.get(EXTRA)
    if extra is not None and not (isinstance(extra, str) and extra_variables(extra) is not None):
        allowed, fix = "text that is a YAML list of name and value", "write them into env: a list of name and value"
        yield Problem(document.file, document.line((EXTRA,)), EXTRA, "no such text", allowed, fix)
    yield from _no_lists(document, values, ())
    for variable in variables(values):
        location = variable.location
        if not variable.is_named:
            allowed = "the name of an environment variable: letters, digits, underscores"
            fix = "write the name itself, without spaces or templates"
            line = document.line(location)
            yield Problem(document.file, line, key_path(location), "a name that is none", allowed, fix)
        elif owner := variable.owner:
            yield refusal(document, location, owner)
        elif instead := _more_than_one(variable):
            allowed, line = "one variable: what else the text makes of it would be another", document.line(location)
            received = "text of several lines, or a template"
            yield Problem(document.file, line, key_path(location), received, allowed, instead)


def _no_lists(document: Document, values: Mapping[str, Any], above: tuple[str, ...]) -> Iterator[Problem]:
    """Yield what stands in the place of a list of variables: nobody could say what is set there."""
    for name, value in values.items():
        path = (*above, name)
        key = "name" if name == "env" else "envName" if path == ("secret",) else None
        if key and value is not None and not _is_list_of(key, value):
            allowed = f"a list, with a map for each variable: {key}, and what it is"
            fix = f"write {_EXAMPLES[key]}"
            line = document.line(path)
            yield Problem(document.file, line, key_path(path), "no list of variables", allowed, fix)
        elif name in _OF_COMPONENTS and isinstance(value, Mapping):
            yield from _no_lists(document, value, path)


def _is_list_of(key: str, value: object) -> bool:
    return isinstance(value, list) and all(isinstance(entry, Mapping) and key in entry for entry in value)


def _more_than_one(variable: Variable) -> str | None:
    """What to do where the chart would write more than one variable: it writes names as they are, and not in quotes."""
    reference = {name: part for name, part in variable.entry.items() if name != "value"}
    if of_several_lines(reference):
        return "write names of secrets and of their keys on one line"
    is_template = EXTRA in variable.location or _TEMPLATED & set(variable.location)
    if is_template and any(named_values(text) is None for text in _texts(variable.entry)):
        return "write the value itself: a template may name the release ({{ .Release.Name }}) or a value of one line"
    return None


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
