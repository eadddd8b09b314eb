"""Names of airflow.cfg in the user's file, in `config` and in environment variables: what Airflow would not obey."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from constructs.airflow.user_values.option_names import OptionNames
from constructs.airflow.user_values.option_readings import VARIABLE_PREFIX
from constructs.airflow.user_values.variables import variables
from constructs.settings.document.problems import key_path, printable
from constructs.settings.document.text import Document


def option_remarks(document: Document, values: Mapping[str, Any], known: OptionNames) -> Iterator[str]:
    """Yield a warning for each name that this Airflow doesn't have, with the new or the nearest one."""
    config = values.get("config")
    for section, options in config.items() if isinstance(config, Mapping) else ():
        for name in options if isinstance(options, Mapping) else ():
            if remark := known.remark(str(section), str(name)):
                path = ("config", section, name)
                yield f"{document.file}:{document.line(path)}: {key_path(path)} {remark}"
    for variable in variables(values):
        name_of = str(variable.name)
        section, separator, name = name_of.removeprefix(VARIABLE_PREFIX).partition("__")
        if not (name_of.startswith(VARIABLE_PREFIX) and separator):
            continue
        if remark := known.remark(section, name):
            yield f"{document.file}:{document.line(variable.location)}: {printable(name_of)} {remark}"
