"""Availability zones of the environment's region."""

from __future__ import annotations

from typing import Annotated

from constructs.settings.values import facts
from constructs.settings.values.regions import LONGEST
from constructs.settings.values.shapes import fitting, mistake
from pydantic import PlainValidator, WithJsonSchema

ZONE_PATTERN = r"[a-z]{2}(-[a-z]+)+-[1-9][a-z]"
#: A place rather than a name: which zone an account calls `a` differs between accounts.
_ZONE_ID = r"[a-z]{2,5}[1-9]-az[1-9]"


def _check_zone(value: object) -> str:
    region = facts.known().region
    if isinstance(value, str) and fitting(f"{region}[a-z]" if region else ZONE_PATTERN, value, LONGEST):
        return value
    place = region or "eu-west-1"
    if isinstance(value, str) and fitting(ZONE_PATTERN, value, LONGEST):
        note, fix = "a zone of another region", f"write {place}{value[-1]}, or correct region"
    elif fitting(_ZONE_ID, value, LONGEST):
        note, fix = "a zone id", f"aws ec2 describe-availability-zones --region {place} shows its name in your account"
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
