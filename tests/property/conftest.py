"""The program under test, started once per module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.property.program import Program, started


@pytest.fixture(scope="module")
def program() -> Iterator[Program]:
    """`main.main()` in a process of its own."""
    with started() as running:
        yield running
