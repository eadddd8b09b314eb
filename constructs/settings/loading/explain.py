"""What pydantic found, in the words of a person who edits the file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from constructs.settings.document.problems import Problem, key_path, kind_of, printable
from constructs.settings.document.text import Document, Location
from constructs.settings.loading.schema import environment_schema
from constructs.settings.values.shapes import closest
from pydantic import ValidationError
from pydantic_core import ErrorDetails

#: What pydantic puts after a location if the key itself is wrong, not its value.
_KEY = "[key]"
#: User name and token in a URL: a report may end up in a log that many people read.
_CREDENTIALS = re.compile(r"(://)[^/@\s:]*:[^/@\s]*@|(https://)[^/@\s:]+@")


def explain(invalid: ValidationError, document: Document) -> list[Problem]:
    """Return what pydantic found as problems of the file; places that the document names already are left out."""
    named = {problem.key for problem in document.problems}
    found = _Explanation(document).problems(invalid.errors(include_url=False))
    return [problem for problem in found if problem.key not in named]


class _Explanation:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._schema = environment_schema()

    def problems(self, errors: list[ErrorDetails]) -> Iterator[Problem]:
        """Return one problem per mistake: a required key that is only misspelled is not missing, too."""
        meant = {
            (*error["loc"][:-1], self._nearest(error["loc"])) for error in errors if error["type"] == "extra_forbidden"
        }
        for error in errors:
            if error["type"] != "missing" or error["loc"] not in meant:
                yield self._problem(error)

    def _problem(self, error: ErrorDetails) -> Problem:
        location = error["loc"][:-1] if error["loc"][-1:] == (_KEY,) else error["loc"]
        received = self._received(error, location)
        allowed, fix = self._rule(error, location)
        return Problem(self._document.file, self._document.line(location), key_path(location), received, allowed, fix)

    def _received(self, error: ErrorDetails, location: Location) -> str:
        if error["type"] == "missing" or (error["input"] is None and location not in self._document.lines):
            return "nothing, the key is missing"
        if error["type"] == "extra_forbidden":
            return "an unknown key"
        if error["loc"][-1:] == (_KEY,):
            return f"{printable(str(error['input']), quoted=True)} as a key"
        if not error.get("ctx", {}).get("shown", True):
            return f"{kind_of(error['input'])}, which is not shown: it may be a secret"
        received, *notes = describe(error["input"], self._document.spellings.get(location))
        if self._wants(location) == "string" and _is_number(error["input"]):
            notes.insert(0, "a number")
        if location not in self._document.lines:
            notes.append("the default")
        notes.append(error.get("ctx", {}).get("note", ""))
        remarks = "; ".join(filter(None, notes))
        return f"{received} ({remarks})" if remarks else received

    def _rule(self, error: ErrorDetails, location: Location) -> tuple[str, str]:
        """Return what is allowed, and a fix."""
        context = error.get("ctx", {})
        spelling = self._document.spellings.get(location, "...")
        match error["type"]:
            case "missing":
                description = str(self._at(location).get("description"))
                return description, f"add the key {location[-1]}"
            case "extra_forbidden":
                return self._unknown(location)
            case "bool_type":
                return "true or false", "write true or false, without quotes"
            case "literal_error":
                allowed, fix = _choice(context["expected"], error["input"])
            case "tuple_type":
                return "a list", f"write {_as_list(error['input'])}, or one `- value` per line"
            case "model_type" | "dict_type" | "mapping_type":
                fix = "indent the keys below it; or remove the key to keep the defaults"
                return "a map: lines of `key: value`", fix
            case _:
                allowed, fix = context.get("allowed", error["msg"]), context.get("fix", "see environments/schema.json")
        if isinstance(error["input"], bool | int | float) and self._wants(location) == "string":
            fix = f'put it in quotes: "{printable(spelling)}"'
        return allowed, fix

    def _unknown(self, location: Location) -> tuple[str, str]:
        key = str(location[-1])
        nearest = self._nearest(location)
        known = list(self._properties(location[:-1]))
        elsewhere = [section for section in self._schema["properties"] if key in self._properties((section,))]
        if nearest:
            fix = f"did you mean {nearest}?"
        elif key in self._schema["properties"]:
            fix = "move it to the top level, where it belongs"
        elif elsewhere:
            fix = f"indent it under {' or '.join(elsewhere)}, where it belongs"
        else:
            fix = "remove it"
        return f"the keys {', '.join(known)}", fix

    def _nearest(self, location: Location) -> str | None:
        return closest(str(location[-1]), self._properties(location[:-1]))

    def _properties(self, location: Location) -> Mapping[str, Any]:
        properties: Mapping[str, Any] = self._at(location).get("properties", {})
        return properties

    def _at(self, location: Location) -> Mapping[str, Any]:
        """Return the schema of a place; empty where the file has a place that the schema knows nothing of."""
        schema = self._resolved(self._schema)
        for part in location:
            if isinstance(part, int):
                inner = schema.get("items", {})
            else:
                inner = schema.get("properties", {}).get(part) or schema.get("additionalProperties") or {}
            schema = self._resolved(inner)
        return schema

    def _wants(self, location: Location) -> object:
        return self._at(location).get("type")

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        if "$ref" in schema:
            described = {key: value for key, value in schema.items() if key != "$ref"}
            definition: dict[str, Any] = self._schema["$defs"][schema["$ref"].rsplit("/", 1)[-1]]
            return definition | described
        for choice in schema.get("anyOf", ()):
            if choice.get("type") not in (None, "null") or "$ref" in choice:
                return {**self._resolved(choice), **{key: schema[key] for key in ("description",) if key in schema}}
        return schema


def describe(value: object, spelling: str | None) -> tuple[str, ...]:
    """Return a value as it is spelled in the file, and, where YAML reads something else from that, a remark on it."""
    if isinstance(value, bool | int | float):
        plain = str(value).lower()
        written = printable(spelling or plain)
        return (written,) if written == plain else (written, f"without quotes, YAML reads it as {plain}")
    if isinstance(value, str):
        return (printable(_CREDENTIALS.sub(r"\1\2***@", value), quoted=True),)
    if isinstance(value, Mapping):
        return (f"a map of {printable(', '.join(value))}" if value else "an empty map",)
    if isinstance(value, list | tuple):
        return (f"a list of {len(value)}" if value else "an empty list",)
    return ("nothing",)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _choice(expected: str, received: object) -> tuple[str, str]:
    """Return pydantic's `'a', 'b' or 'c'` with quotes only where YAML needs them, and the nearest choice."""
    choices = re.findall(r"'([^']*)'", expected)
    shown = [choice if re.match("[A-Za-z]", choice) else f'"{choice}"' for choice in choices]
    nearest = closest(received, choices) if isinstance(received, str) else None
    return f"one of {', '.join(shown)}", f"did you mean {nearest}?" if nearest else "write one of these"


def _as_list(value: object) -> str:
    return f"[{value}]" if isinstance(value, str) and value.isprintable() and len(value) < 60 else "[...]"  # noqa: PLR2004
