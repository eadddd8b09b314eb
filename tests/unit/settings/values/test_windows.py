"""When RDS may work on the database."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from constructs.settings.values.windows import is_inside


@pytest.mark.parametrize(
    ("window", "moment", "inside"),
    [
        ("sun:04:00-sun:05:00", datetime(2026, 11, 29, 4, 0, tzinfo=UTC), True),
        ("sun:04:00-sun:05:00", datetime(2026, 11, 29, 4, 59, tzinfo=UTC), True),
        ("sun:04:00-sun:05:00", datetime(2026, 11, 29, 5, 0, tzinfo=UTC), False),
        ("sun:04:00-sun:05:00", datetime(2026, 11, 30, 4, 30, tzinfo=UTC), False),
        ("sun:23:30-mon:00:30", datetime(2026, 11, 30, 0, 15, tzinfo=UTC), True),
        ("sun:23:30-mon:00:30", datetime(2026, 11, 29, 23, 15, tzinfo=UTC), False),
    ],
)
def test_a_moment_in_the_maintenance_window(window: str, moment: datetime, *, inside: bool) -> None:
    """The first minute belongs to it and the one of its end does not, also where it passes the end of the week."""
    assert is_inside(window, moment) is inside
