"""How many pods there are, by how much there is to do."""

from __future__ import annotations

from typing import Annotated

from constructs.settings.values.section import Section
from constructs.settings.values.shapes import Whole, mistake
from pydantic import Field, ValidationInfo, field_validator


class AutoscalingSettings(Section):
    """Between two numbers of pods KEDA chooses, by tasks that wait or run in the metadata database."""

    min: Annotated[int, Whole(0, 200, "pods")] = Field(
        default=1, description="The fewest pods, 0 to 200. With 0 the first task waits for a pod to start."
    )
    max: Annotated[int, Whole(1, 200, "pods")] = Field(description="The most pods, 1 to 200; at least min.")
    cooldown_seconds: Annotated[int, Whole(0, 3600, "seconds")] = Field(
        default=300,
        description="How long there has to be less to do before pods go, in seconds, 0 to 3600.",
    )
    polling_seconds: Annotated[int, Whole(5, 600, "seconds")] = Field(
        default=15, description="How often the database is asked, in seconds, 5 to 600."
    )

    @field_validator("max")
    @classmethod
    def _is_not_below_min(cls, most: int, info: ValidationInfo) -> int:
        least = info.data.get("min")
        if least is not None and most < least:
            raise mistake(allowed=f"min or more, {least} to 200", fix="raise it, or lower min", note=f"min is {least}")
        return most
