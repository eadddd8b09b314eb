"""Section `config` of the user's file: what becomes airflow.cfg, one line for each option and nothing beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from constructs.airflow.user_values.configuration_templates import named_values, of_several_lines, without_templates
from constructs.airflow.user_values.owned_options import owner_of_option
from constructs.airflow.values.places import value_at
from constructs.settings.document.problems import Problem, key_path, printable
from constructs.settings.document.text import Document, Location

#: Python's name for a section whose options count in every other one.
_DEFAULTS = "default"
_SECTION = re.compile(r"(?:[\w-]+=)?[a-z0-9_.-]+", re.ASCII)
_OPTION = re.compile(r"[a-z0-9_.-]+", re.ASCII)
#: How names of sections and options begin; what follows may be a value in the wrong place, such as a password.
_BEGINNING = re.compile(r"(?:[\w-]+=(?=[\w.-]))?[\w.-]*", re.ASCII)


def configuration_problems(document: Document, values: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what would be another option than the one it stands at, or keep Airflow from reading its configuration.

    Options of the stack's are not looked at: they are refused as such.
    """
    config = values.get("config")
    if not isinstance(config, Mapping):
        return
    for section, options in config.items():
        location = ("config", section)
        if not any(owner_of_option(section, name) for name in (options if isinstance(options, Mapping) else ())):
            yield from _name_problems(document, location, _SECTION)
        if isinstance(options, Mapping):
            for name, value in options.items():
                if not owner_of_option(section, name):
                    yield from _name_problems(document, (*location, name), _OPTION)
                    yield from _value_problems(document, (*location, name), value, values)
        elif options is not None:
            allowed, fix = "a map: options and their values", f"write `{section}: {{name: value}}`"
            yield _problem(document, location, "a value without the name of an option", allowed, fix)


def option_path(location: Location) -> str:
    """Return the place of an option, or of a part of one, as text: of what is no name, how it begins."""
    shown = [part if place == 0 or isinstance(part, int) else _beginning(part) for place, part in enumerate(location)]
    return key_path(shown)


def _beginning(name: str) -> str:
    begins = _BEGINNING.match(name)
    return name if not begins or begins[0] == name else f"{begins[0]}..."


def _name_problems(document: Document, location: Location, shape: re.Pattern[str]) -> Iterator[Problem]:
    name = str(location[-1])
    if shape is _SECTION and name.lower() == _DEFAULTS:
        allowed = "sections of Airflow: options of DEFAULT would count in all of them, in the stack's too"
        yield _problem(document, location, "the section DEFAULT", allowed, "write each option into its own section")
    elif shape.fullmatch(name.lower()) and not shape.fullmatch(name):
        allowed = "lower case: in another case Airflow reads neither sections nor options"
        yield _problem(document, location, printable(name, quoted=True), allowed, f"write {name.lower()}")
    elif not shape.fullmatch(name):
        allowed, fix = "a name: letters, digits, underscores", "write the name alone, as Airflow's reference has it"
        yield _problem(document, location, "a name with other characters in it", allowed, fix)


def _value_problems(
    document: Document, location: Location, value: object, values: Mapping[str, Any]
) -> Iterator[Problem]:
    if isinstance(value, Mapping | list):
        kind = "a map" if isinstance(value, Mapping) else "a list"
        fix = "write it as text in quotes: a list with commas, or JSON, as Airflow's reference says for this option"
        yield _problem(document, location, kind, "text, a number, true or false", fix)
    if not isinstance(value, str):
        return
    if of_several_lines(value):
        fix = "write it on one line; in YAML `>-` joins lines of equal indentation"
        yield _problem(document, location, "text of several lines", "one line: airflow.cfg has an option on each", fix)
    paths = named_values(value)
    if paths is None or any(of_several_lines(value_at(path, values)) for path in paths):
        allowed = "a template of one line of text, as in the chart's own config: {{ .Release.Name }}, include, printf"
        fix = 'write the value itself, and braces that are for Airflow as {{ "{{" }} and {{ "}}" }}'
        yield _problem(document, location, "a template that may write more", allowed, fix)
    elif "%" in without_templates(value).replace("%%", ""):
        allowed = (
            "%% for a percent sign: airflow.cfg takes a single one for the name of another option, and none starts"
        )
        yield _problem(document, location, "a single %", allowed, "double it; write the other option's value itself")


def _problem(document: Document, location: Location, received: str, allowed: str, fix: str) -> Problem:
    return Problem(document.file, document.line(location), option_path(location), received, allowed, fix)
