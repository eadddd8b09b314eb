"""A user's file of values for the chart, and its mistakes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from constructs.airflow.user_values.file import read_user_values
from constructs.settings.document.problems import EnvironmentFileError, Problem

Write = Callable[[str], Path]
Refused = Callable[[str], list[Problem]]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a user's file."""

    def write_file(content: str) -> Path:
        path = tmp_path / "values.yaml"
        path.write_text(content, encoding="utf-8")
        return path

    return write_file


@pytest.fixture
def refused(write: Write) -> Refused:
    """The mistakes of a user's file."""

    def problems(content: str) -> list[Problem]:
        with pytest.raises(EnvironmentFileError) as caught:
            read_user_values(write(content))
        return caught.value.problems

    return problems
