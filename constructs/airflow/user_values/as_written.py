"""Numbers and booleans of the user's file as the text that the file has, where text is what they become.

Helm reads numbers of YAML as floating point and writes 40960000 as 4.096e+07: in airflow.cfg, and in the value of a
variable. In labels and annotations Kubernetes refuses them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from constructs.airflow.user_values.option_readings import variable_readings
from constructs.settings.document.text import Document, Location

Values = dict[str, Any]

#: Booleans of YAML 1.1 that Airflow doesn't take for such (`getboolean` of its configuration).
_BOOLEANS = {"yes": "True", "on": "True", "no": "False", "off": "False"}

#: Ends of the names of maps in which Kubernetes takes text only.
_TEXT_MAPS = ("annotations", "labels", "nodeselector")


def as_written(document: Document, values: Mapping[str, Any]) -> Values:
    """Return the values with every scalar below `config`, of variables and of labels as text.

    Null stays what it is: Helm's word for taking a default away.
    """
    written: Values = _written(document, values, ())
    config = values.get("config")
    if isinstance(config, Mapping):
        written["config"] = {
            section: {name: _text(document, ("config", section, name), value) for name, value in options.items()}
            if isinstance(options, Mapping)
            else options
            for section, options in config.items()
        }
    return written


def kept_spellings(document: Document, written: Mapping[str, Any]) -> list[Location]:
    """The places of numbers that YAML 1.1 reads in an odd way, and that `as_written` has made text."""
    return [location for location in document.odd_numbers if isinstance(_at(written, location), str)]


def _at(values: Any, location: Location) -> object:
    for step in location:
        values = values[step]
    return values


def _written(document: Document, value: Any, location: Location) -> Any:
    if isinstance(value, Mapping):
        inside = {name: _written(document, inner, (*location, name)) for name, inner in value.items()}
        if not (location and str(location[-1]).lower().endswith(_TEXT_MAPS)):
            return inside
        return {name: _text(document, (*location, name), inner, {}) for name, inner in inside.items()}
    if not isinstance(value, list):
        return value
    entries = [_written(document, entry, (*location, position)) for position, entry in enumerate(value)]
    if location[-1] != "env":
        return entries
    return [
        {**entry, "value": _variable(document, (*location, position, "value"), entry)}
        if isinstance(entry, Mapping) and "value" in entry
        else entry
        for position, entry in enumerate(entries)
    ]


def _variable(document: Document, location: Location, entry: Mapping[str, Any]) -> object:
    of_airflow = isinstance(entry.get("name"), str) and variable_readings(entry["name"])
    return _text(document, location, entry["value"], booleans=_BOOLEANS if of_airflow else {})


def _text(document: Document, location: Location, value: object, booleans: Mapping[str, str] = _BOOLEANS) -> object:
    """The value of a scalar as it is spelled; a map or a list as it is."""
    if not isinstance(value, bool | int | float):
        return value
    spelled = document.spellings[location]
    return booleans.get(spelled.lower(), spelled)
