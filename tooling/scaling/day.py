"""A day's load as data platforms have it: every hour a burst, a large one at night, and single tasks in between."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

SECONDS = 24 * 3600
HOUR = 3600
#: Tasks of each hour's schedule, of the night's, and those that come by themselves, over the whole day: 10,000.
HOURLY, NIGHTLY, SINGLE = 250, 1500, 2500
#: When the night's tasks come.
NIGHT = 2 * HOUR
#: Within how many seconds a schedule's tasks are queued, one stage of the DAGs after the other.
HOURLY_SPREAD, NIGHTLY_SPREAD = 300, 1800
#: How long tasks run: log-normal, half of them for less than this, a few for an hour.
MEDIAN, SIGMA, LONGEST = 60, 1.1, HOUR


@dataclass(frozen=True, order=True)
class Task:
    """When a task is queued, and how long it runs, in seconds of the day."""

    queued: int
    seconds: int


def tasks(seed: int) -> Sequence[Task]:
    """Return the tasks of a day in the order in which they come; the same seed gives the same day."""
    chance = random.Random(seed)  # noqa: S311  # no secret
    hourly = [hour * HOUR + chance.randrange(HOURLY_SPREAD) for hour in range(24) for _ in range(HOURLY)]
    nightly = [NIGHT + chance.randrange(NIGHTLY_SPREAD) for _ in range(NIGHTLY)]
    single = [chance.randrange(SECONDS) for _ in range(SINGLE)]
    return sorted(Task(queued, _seconds(chance)) for queued in (*hourly, *nightly, *single))


def _seconds(chance: random.Random) -> int:
    return min(LONGEST, max(1, round(chance.lognormvariate(math.log(MEDIAN), SIGMA))))
