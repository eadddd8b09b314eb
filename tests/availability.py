"""What a test does where a tool that it needs is missing."""

import os
from typing import NoReturn

import pytest


def unavailable(reason: str) -> NoReturn:
    """Skip the test with the reason; fail it where CI_NO_SKIP says that everything has to run."""
    if os.environ.get("CI_NO_SKIP"):
        pytest.fail(f"{reason} CI_NO_SKIP is set: nothing may be skipped here.", pytrace=False)
    pytest.skip(reason)
