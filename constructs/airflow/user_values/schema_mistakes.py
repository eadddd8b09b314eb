"""What of values doesn't fit the schema that the chart itself has for them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from constructs.settings.document.problems import Problem, key_path, kind_of, printable
from constructs.settings.document.text import Document, Location
from constructs.settings.values.shapes import closest

if TYPE_CHECKING:
    import jsonschema


def schema_mistakes(values: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[tuple[Location, str, object]]:
    """Yield path, rule and value of each part that doesn't fit; no rule says what the value is."""
    import jsonschema  # noqa: PLC0415  # only where there is a schema

    validator = jsonschema.validators.validator_for(schema)(schema)
    for found in validator.iter_errors(_as_helm_checks(values)):
        error = jsonschema.exceptions.best_match([found])
        path = tuple(error.absolute_path)
        if error.validator != "additionalProperties" or error.validator_value is not False:
            yield path, printable(_rule(error), longest=300), error.instance
            continue
        for name in error.instance.keys() - error.schema.get("properties", {}).keys():
            nearest = closest(name, error.schema.get("properties", {}))
            hint = f"; did you mean {nearest}?" if nearest else ""
            yield (*path, name), f"the chart has no such value{hint}", error.instance[name]


def schema_problem(document: Document, path: Location, message: str, value: object) -> Problem:
    """Return what a person is told of a part of the file that doesn't fit."""
    allowed, fix = f"what the chart's own schema says: {message}", "see values.schema.json of the chart"
    return Problem(document.file, document.line(path), key_path(path), kind_of(value), allowed, fix)


def _rule(error: jsonschema.ValidationError) -> str:
    """The part of the schema that is broken; jsonschema's own message has the value in it, which may be a secret."""
    wanted = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
    return f"{error.validator}: {', '.join(text if isinstance(text, str) else json.dumps(text) for text in wanted)}"


def _as_helm_checks(value: Any) -> Any:
    """Return values without what is null: to Helm that is no value, it takes away the chart's default."""
    if isinstance(value, Mapping):
        return {name: _as_helm_checks(inner) for name, inner in value.items() if inner is not None}
    return value
