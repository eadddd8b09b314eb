"""Templates in values of airflow.cfg and of variables: the chart evaluates them, and each may write one line of text.

Everything that the chart's own defaults of `config` use may stand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

#: Characters of a value with templates; the longest of the chart's own has 125.
LONGEST = 1000

_ACTION = re.compile(r"\{\{-?\s*(?P<inside>(?:\"[^\"\n]*\"|`[^`\n]*`|[^\"`{}\n])*?)\s*-?\}\}")
_FUNCTIONS = (
    *("if", "else", "end", "ternary", "default", "eq", "ne", "and", "or", "not", "quote", "squote", "lower", "upper"),
    *("trimSuffix", "trimPrefix", "int", "toString", "semverCompare", "contains"),
)
#: Its own templates that the chart writes on one line.
_INCLUDED = r"include\s+\"(?:airflow[._]\w+|cpu_count|dag_bundle_config_list)\"(?:\s+[.$](?=[\s)|]|$))?"
#: Text without escapes, in which `printf` finds nothing that makes a character of a number.
_TEXT = r"\"(?:[^\"\\%\n]|%%|%[sdv])*\"|`(?:[^`%\n]|%%|%[sdv])*`"
_PART = re.compile(
    rf"{_INCLUDED}|printf(?=\s+[\"`])|(?:{'|'.join(_FUNCTIONS)}|true|false)\b|{_TEXT}|-?\d+|[()|\s]"
    r"|\$?\.Release\.(?:Name|Namespace|Revision|Service)\b|\$?\.Chart\.(?:Name|Version|AppVersion)\b"
    r"|(?P<value>\$?\.Values(?:\)*\.\w+)+)"
)


def without_templates(text: str) -> str:
    """Return the text of a value without its templates: what stands in airflow.cfg as it is."""
    return _ACTION.sub("", text) if len(text) <= LONGEST else text


def named_values(text: str) -> list[tuple[str, ...]] | None:
    """Return the paths of the chart's values that templates in a text name; None if one of them may do more."""
    if "{{" not in text:
        return []
    if len(text) > LONGEST or "{{" in without_templates(text):
        return None
    paths: list[tuple[str, ...]] = []
    for action in _ACTION.finditer(text):
        inside, position = action["inside"], 0
        while position < len(inside):
            part = _PART.match(inside, position)
            if not part:
                return None
            if part["value"]:
                paths.append(tuple(part["value"].replace(")", "").split(".")[2:]))
            position = part.end()
    return paths


def of_several_lines(value: object) -> bool:
    """Whether a value is text of several lines, by any of the signs that end one, or has such text in it."""
    if isinstance(value, Mapping | list):
        return any(of_several_lines(inner) for inner in (value.values() if isinstance(value, Mapping) else value))
    return isinstance(value, str) and len(value.rstrip("\n").splitlines()) > 1
