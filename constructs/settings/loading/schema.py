"""The JSON Schema of the environment file, for editors: `python -m constructs.settings` prints it."""

from __future__ import annotations

import functools
import json
from typing import Any

from constructs.settings.environment import Environment


@functools.cache
def environment_schema() -> dict[str, Any]:
    """Return the schema: descriptions, allowed values, patterns; what one key says about another is not in it.

    It is made once, and for reading alone.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **_tidied(Environment.model_json_schema()),
    }


def schema_text() -> str:
    """Return the schema as the text of environments/schema.json."""
    return json.dumps(environment_schema(), indent=2) + "\n"


def _tidied(schema: Any) -> Any:
    """Leave out titles, which are the keys once more, and refuse keys that fit no pattern, which pydantic lets pass."""
    if isinstance(schema, list):
        return [_tidied(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    if "patternProperties" in schema:
        ((pattern, value),) = schema.pop("patternProperties").items()
        schema |= {"propertyNames": {"pattern": pattern}, "additionalProperties": value}
    return {key: _tidied(value) for key, value in schema.items() if key != "title" or not isinstance(value, str)}
