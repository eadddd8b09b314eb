"""How long CloudWatch Logs keeps a log group."""

from __future__ import annotations

from typing import Annotated

from constructs.settings.values.shapes import OneOf

#: The only values that CloudWatch's PutRetentionPolicy takes.
RETENTION_DAYS = (
    1,
    3,
    5,
    7,
    14,
    30,
    60,
    90,
    120,
    150,
    180,
    365,
    400,
    545,
    731,
    1096,
    1827,
    2192,
    2557,
    2922,
    3288,
    3653,
)

LogRetention = Annotated[int, OneOf(RETENTION_DAYS, "days")]
