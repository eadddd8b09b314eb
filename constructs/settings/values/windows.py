"""The two windows of time, in UTC, in which RDS works on a database."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from constructs.settings.values.shapes import fitting, mistake
from pydantic import PlainValidator, WithJsonSchema

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY, WEEK = 24 * 60, 7 * 24 * 60
SHORTEST = 30
#: Characters of the longer one, `mon:04:00-mon:05:00`.
LONGEST = 19
_TIME = "([01][0-9]|2[0-3]):([0-5][0-9])"
_WEEKDAY = f"({'|'.join(DAYS)})"
BACKUP_PATTERN = f"{_TIME}-{_TIME}"
MAINTENANCE_PATTERN = f"{_WEEKDAY}:{_TIME}-{_WEEKDAY}:{_TIME}"


def _minutes(moment: str) -> int:
    *day, hour, minute = moment.split(":")
    return (DAYS.index(day[0]) * DAY if day else 0) + int(hour) * 60 + int(minute)


def _span(window: str, period: int) -> tuple[int, int]:
    """Return the start of a window and its length, in minutes; it may pass the period's end."""
    start, end = (_minutes(moment) for moment in window.split("-"))
    return start, (end - start) % period


def _check(value: object, pattern: str, period: int, allowed: str, fix: str) -> str:
    if not isinstance(value, str) or not fitting(pattern, value, LONGEST):
        raise mistake(allowed=allowed, fix=fix)
    length = _span(value, period)[1]
    if not SHORTEST <= length <= DAY:
        raise mistake(allowed=allowed, fix=fix, note=f"{length} minutes")
    return value


def _check_backup(value: object) -> str:
    allowed = "a time of day in UTC, HH:MM-HH:MM, at least 30 minutes"
    return _check(value, BACKUP_PATTERN, DAY, allowed, 'write a window such as "02:00-03:00"')


def _check_maintenance(value: object) -> str:
    allowed = "a time of the week in UTC, ddd:HH:MM-ddd:HH:MM in lower case, 30 minutes to 24 hours"
    return _check(value, MAINTENANCE_PATTERN, WEEK, allowed, 'write a window such as "sun:04:00-sun:05:00"')


def overlap(backup: str, maintenance: str) -> bool:
    """Return whether the daily backup window and the weekly maintenance window share a minute on any day."""
    start, length = _span(maintenance, WEEK)
    daily, daily_length = _span(backup, DAY)
    begins = (daily + day * DAY for day in range(-1, 9))
    return any(begin < start + length and start < begin + daily_length for begin in begins)


def is_inside(maintenance: str, moment: datetime) -> bool:
    """Whether a moment, in UTC, lies in the weekly maintenance window."""
    start, length = _span(maintenance, WEEK)
    return (moment.weekday() * DAY + moment.hour * 60 + moment.minute - start) % WEEK < length


BackupWindow = Annotated[
    str,
    PlainValidator(_check_backup, json_schema_input_type=str),
    WithJsonSchema({"type": "string", "pattern": f"^{BACKUP_PATTERN}$"}),
]
MaintenanceWindow = Annotated[
    str,
    PlainValidator(_check_maintenance, json_schema_input_type=str),
    WithJsonSchema({"type": "string", "pattern": f"^{MAINTENANCE_PATTERN}$"}),
]
