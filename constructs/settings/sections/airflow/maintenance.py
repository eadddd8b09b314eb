"""Limits of the namespace and the pruning of old metadata in section `airflow`."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from constructs.settings.sections.airflow.placed import Placed
from constructs.settings.values.quantities import CPU, MEMORY
from constructs.settings.values.section import Section
from constructs.settings.values.shapes import Whole, fitting, mistake
from pydantic import Field, PlainValidator, WithJsonSchema

#: The fields of a cron schedule: what they are, their lowest and highest number.
_CRON_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day of month", 1, 31), ("month", 1, 12), ("day of week", 0, 6))
_CRON_STEP = r"(\*|[0-9]{1,2}(-[0-9]{1,2})?)(/[1-9][0-9]?)?"
#: Characters.
LONGEST_CRON = 100
CRON_PATTERN = rf"{_CRON_STEP}(,{_CRON_STEP})*( {_CRON_STEP}(,{_CRON_STEP})*){{4}}"


def _check_cron(value: object) -> str:
    allowed = "a cron schedule in UTC: minute, hour, day of month, month, day of week (0 is Sunday), as numbers"
    fix = 'write five fields in quotes, such as "0 3 * * 0" for Sundays at 3'
    if not isinstance(value, str) or not fitting(CRON_PATTERN, value, LONGEST_CRON):
        raise mistake(allowed=allowed, fix=fix)
    for text, (name, lowest, highest) in zip(value.split(" "), _CRON_FIELDS, strict=True):
        for entry in text.split(","):
            numbers = [int(number) for number in entry.partition("/")[0].split("-") if number != "*"]
            if numbers != sorted(numbers) or not all(lowest <= number <= highest for number in numbers):
                raise mistake(allowed=allowed, fix=fix, note=f"{name} goes from {lowest} to {highest}")
    return value


CronSchedule = Annotated[
    str,
    PlainValidator(_check_cron, json_schema_input_type=str),
    WithJsonSchema({"type": "string", "pattern": f"^{CRON_PATTERN}$", "maxLength": LONGEST_CRON}),
]


class QuotaSettings(Section):
    """The most that all pods of the namespace together may ask for; pods beyond it are not started."""

    cpu: Annotated[str, replace(CPU, lowest="1", highest="9999", example="16")] = Field(
        default="16", description='Processor time of all pods, in cores, "1" to "9999".'
    )
    memory: Annotated[str, replace(MEMORY, lowest="1Gi", highest="99999Gi", example="64Gi")] = Field(
        default="64Gi", description="Memory of all pods, in Mi or Gi, 1Gi to 99999Gi."
    )
    pods: Annotated[int, Whole(10, 10_000, "pods")] = Field(
        default=200, description="Pods, 10 to 10000; each task of the KubernetesExecutor is one."
    )


class LimitRangeSettings(Section):
    """What a container gets that names nothing itself, such as one in a pod template of a DAG."""

    cpu: Annotated[str, CPU] = Field(
        default="100m", description='Processor time that such a container is guaranteed, such as "100m".'
    )
    memory: Annotated[str, MEMORY] = Field(
        default="256Mi", description="Memory that such a container is guaranteed, and the most it gets, in Mi or Gi."
    )


class CleanupSettings(Placed):
    """A job that deletes old rows of the metadata database: runs, task instances, logs of events."""

    schedule: CronSchedule = Field(
        default="0 3 * * 0",
        description='When it runs, a cron schedule in UTC, five fields in quotes: "0 3 * * 0" is Sundays at 3.',
    )
    retention_days: Annotated[int, Whole(1, 3650, "days")] = Field(
        default=90, description="Rows of the last so many days are kept, 1 to 3650."
    )
