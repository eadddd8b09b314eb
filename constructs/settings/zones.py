"""Availability zones of the environment's region."""

from __future__ import annotations

import re
from typing import Annotated

from constructs.settings import facts
from constructs.settings.shapes import mistake
from pydantic import PlainValidator, WithJsonSchema

ZONE_PATTERN = r"[a-z]{2}(-[a-z]+)+-[1-9][a-z]"


def _check_zone(value: object) -> str:
    region = facts.known().region
    if isinstance(value, str) and re.fullmatch(f"{region}[a-z]" if region else ZONE_PATTERN, value):
        return value
    place = region or "eu-west-1"
    if isinstance(value, str) and re.fullmatch(ZONE_PATTERN, value):
        note, fix = "a zone of another region", f"write {place}{value[-1]}, or correct region"
    else:
        note, fix = "no zone", f"write a zone such as {place}a"
    raise mistake(
        allowed=f"an availability zone of the region by name, such as {place}a (no zone id, no local zone)",
        fix=fix,
        note=note,
    )


ZoneName = Annotated[
    str,
    PlainValidator(_check_zone, json_schema_input_type=str),
    WithJsonSchema({"type": "string", "pattern": f"^{ZONE_PATTERN}$"}),
]
