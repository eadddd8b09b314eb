"""Environment variables among the values of a Helm release: one may be an option of airflow.cfg."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from constructs.airflow.user_values.option_readings import readings, variable_readings
from constructs.airflow.values.variables import EXTRA, extra_variables

#: Lists of variables: the chart's for all containers, a component's own, and those that come from secrets.
_LISTS = ("env", EXTRA, "secret")
_CONFIG = "config."


def with_variables(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values with each list of variables taken apart, `env.NAME` -> its value, or where it comes from."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        variables = _variables(value) if name.rpartition(".")[2] in _LISTS else None
        found |= {name: value} if variables is None else {f"{name}.{key}": text for key, text in variables.items()}
    return found


def option_names(name: str) -> tuple[str, ...]:
    """Return `config.<section>.<option>` of each option of airflow.cfg that a value sets; none where it sets none."""
    section, _, option = name.removeprefix(_CONFIG).partition(".")
    found = readings(section, option) if name.startswith(_CONFIG) else variable_readings(name.rpartition(".")[2])
    return tuple(f"{_CONFIG}{section}.{option}" for section, option in found)


def _variables(value: Any) -> dict[str, Any] | None:
    """Variables by their names; None where it is no list of them, as a text with a template in it."""
    entries = extra_variables(value) if isinstance(value, str) else value
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        return None
    return {
        str(entry.get("name", entry.get("envName"))): entry["value"]
        if "value" in entry
        else {key: item for key, item in entry.items() if key not in ("name", "envName")}
        for entry in entries
    }
