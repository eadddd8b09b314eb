"""How long the property tests run: hypothesis' profile, chosen by the environment variable HYPOTHESIS_PROFILE.

`test` (default): 500 environment files, the same ones every time, so that `make test` fails for a change and never by
chance. `soak`: 10,000 other ones each time; `make soak` prints their seed, and `make soak SEED=<seed>` makes the very
same files again. Neither keeps a database of examples: the seed alone decides.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, Phase, settings


@dataclass(frozen=True)
class Length:
    """How much is tested."""

    examples: int
    validated: int
    """Files whose JSON the real Terraform validates, some seconds each."""


LENGTHS = {"test": Length(examples=500, validated=3), "soak": Length(examples=10_000, validated=60)}

NAME = os.environ.get("HYPOTHESIS_PROFILE") or "test"
LENGTH = LENGTHS[NAME]

#: In a soak the property tests are what `-m soak` selects, otherwise tests like all others.
MARKS = [pytest.mark.soak] if NAME == "soak" else []

PROFILE = settings(
    max_examples=LENGTH.examples,
    derandomize=NAME == "test",
    database=None,
    print_blob=True,
    # A synth takes as long as the machine is busy: `program.TIMEOUT_SECONDS` ends one that hangs.
    deadline=None,
    # Shrinking one file of a failure explains more than a second one.
    report_multiple_bugs=False,
    phases=(Phase.explicit, Phase.generate, Phase.target, Phase.shrink),
    suppress_health_check=(HealthCheck.too_slow,),
)
