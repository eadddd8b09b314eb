"""What day it is: it decides what is said about versions, never what is synthesized."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

#: Seconds since 1970, as https://reproducible-builds.org/specs/source-date-epoch/ has it.
VARIABLE = "SOURCE_DATE_EPOCH"


def today(environ: Mapping[str, str]) -> date:
    """Return the day of SOURCE_DATE_EPOCH, where it is set, else today's, in UTC."""
    epoch = environ.get(VARIABLE, "")
    if epoch.isdecimal():
        return datetime.fromtimestamp(int(epoch), UTC).date()
    return datetime.now(UTC).date()
