"""Secrets in clear in the user's file: all of its text is in Terraform's state, and in the cluster.

Refused where a secret can be named instead; warned of where a name or a line of code only looks like it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from constructs.airflow.user_values.configuration import option_path
from constructs.airflow.user_values.option_readings import VARIABLE_PREFIX
from constructs.airflow.user_values.owned_options import owner_of_option
from constructs.airflow.user_values.owned_values import owner_of
from constructs.airflow.user_values.secret_signs import (
    assigned_secret,
    in_clear,
    names_a_secret,
    secret_argument,
    secret_in,
    secret_line,
)
from constructs.airflow.user_values.variables import variables
from constructs.airflow.values.variables import EXTRA
from constructs.settings.document.problems import Problem, key_path
from constructs.settings.document.text import Document, Location

_ALLOWED = "nothing in clear: this file's text is in Terraform's state"
_ANYWHERE = "make a Kubernetes secret in another way, and name it where it is used (secret, extraEnvFrom, volumes)"
#: Whole files: elsewhere a word after a colon is as likely a name in code.
_FILES = "extraConfigMaps"
#: Maps that only name the place of a secret.
_NAMES_ONE = {"secret", "secretKeyRef", "secretRef"}


def secret_problems(document: Document, values: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield each secret in clear that can be named instead. The report doesn't show it."""
    found = {**_options(values), **_variables(values)}
    for location, text in _texts(values):
        judged = location in found or location == (EXTRA,) or _is_owned(location)
        shape = None if judged else secret_in(text)
        if shape:
            found[location] = (shape, _ANYWHERE)
    for location, (received, fix) in found.items():
        if received:
            key = option_path(location) if location[0] == "config" else key_path(location)
            yield Problem(document.file, document.line(location), key, received, _ALLOWED, fix)


def secret_remarks(document: Document, values: Mapping[str, Any]) -> Iterator[str]:
    """Yield a warning for each text that looks like a secret in clear, where the chart can't be told its name."""
    judged = {**_options(values), **_variables(values)}
    for location, text in _texts(values):
        if location in judged or _is_owned(location) or _NAMES_ONE & set(location) or location == (EXTRA,):
            continue
        key = str(location[-1])
        name = key if in_clear(key, text) else assigned_secret(text)
        if not name and location[0] == _FILES:
            name = secret_line(text)
        if name:
            place = f"{document.file}:{document.line(location)}: {key_path(location)}"
            yield f"{place}: {name} looks like a secret in clear, which would be in Terraform's state; {_ANYWHERE}"


#: Place -> what is there, None if nothing or if it is refused as the stack's, and what to do.
Found = dict[Location, tuple[str | None, str]]


def _options(values: Mapping[str, Any]) -> Found:
    """Every option of airflow.cfg."""
    found: Found = {}
    config = values.get("config")
    for section, options in config.items() if isinstance(config, Mapping) else ():
        for name, value in options.items() if isinstance(options, Mapping) else ():
            variable = f"{VARIABLE_PREFIX}{section}__{name}".upper().replace(".", "_")
            secret = None if owner_of_option(section, name) else _secret(_plain(name), value)
            found["config", section, name] = (secret, _by_secret(variable))
    return found


def _variables(values: Mapping[str, Any]) -> Found:
    """Every variable's value."""
    found: Found = {}
    for variable in variables(values):
        name = str(variable.name)
        plain = _plain(name) if name.upper().startswith(VARIABLE_PREFIX) else name
        secret = _secret(plain, variable.value) if variable.is_named and not variable.owner else None
        found[*variable.location[:-1], "value"] = (secret, _by_secret(name))
    return found


def _plain(name: str) -> str:
    """The name of an option, but where it stands for the place of a secret's value in the secrets backend."""
    stem = name.lower().removesuffix("_secret")
    return "" if stem != name.lower() and names_a_secret(stem) else name


def _secret(name: str, value: object) -> str | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return None
    if in_clear(name, value):
        return "a secret in clear, by its name"
    argument = secret_argument(value)
    return f"a secret in clear: its {argument}" if argument else secret_in(value)


def _by_secret(variable: str) -> str:
    return (
        "make a Kubernetes secret in another way, and name it: "
        f"secret: [{{envName: {variable}, secretName: ..., secretKey: ...}}], or with many of them extraEnvFrom. "
        "If this is the name or the place of a secret only, let its name end in _NAME or _PATH"
    )


def _texts(values: object, above: Location = ()) -> Iterator[tuple[Location, str]]:
    if isinstance(values, str):
        yield above, values
    elif isinstance(values, Mapping):
        for name, value in values.items():
            yield from _texts(value, (*above, name))
    elif isinstance(values, list):
        for position, value in enumerate(values):
            yield from _texts(value, (*above, position))


def _is_owned(location: Location) -> bool:
    names = tuple(str(part) for part in location if isinstance(part, str))
    return owner_of(names) is not None
