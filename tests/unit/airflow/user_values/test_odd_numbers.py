"""Numbers in helm/values.yaml that YAML 1.1 reads in a way that nobody means: the same as in an environment file."""

from __future__ import annotations

from pathlib import Path

import pytest
from constructs.airflow.user_values.file import read_user_values
from constructs.settings.document.problems import EnvironmentFileError

GRACE = "triggerer: {terminationGracePeriodSeconds: %s}\n"


@pytest.mark.parametrize(
    ("written", "fix"),
    [
        ("010", "write 8, if it is meant"),
        ("0x10", "write 16, if it is meant"),
        ("0b11", "write 3, if it is meant"),
        ("1_000", "write 1000, if it is meant"),
        ("1:30", "write 90, if it is meant"),
        ("1_0.5", "write 10.5, if it is meant"),
        ("1:30.5", "write 90.5, if it is meant"),
        (".inf", "write a number"),
    ],
)
def test_refused_where_they_would_be_numbers(tmp_path: Path, written: str, fix: str) -> None:
    """With the line, what YAML makes of it, and what to write; in quotes it is text."""
    path = tmp_path / "values.yaml"
    path.write_text(GRACE % written, encoding="utf-8")
    with pytest.raises(EnvironmentFileError) as caught:
        read_user_values(path)
    (problem,) = caught.value.problems
    assert (problem.line, problem.key) == (1, "triggerer.terminationGracePeriodSeconds")
    assert problem.received.startswith(f"{written} (YAML 1.1 reads it as ")
    assert "plain decimal digits" in problem.allowed
    assert problem.fix == f"{fix}; in quotes if it is text"


@pytest.mark.parametrize("written", ["0", "60", "-1", "1.5", "1.", ".5", "1.5e+3", '"010"'])
def test_plain_ones_pass(tmp_path: Path, written: str) -> None:
    """Whole numbers and fractions as people write them, and text in quotes."""
    path = tmp_path / "values.yaml"
    path.write_text(GRACE % written, encoding="utf-8")
    assert read_user_values(path).warnings == []


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ("config: {core: {parallelism: 010}}\n", "config.core.parallelism"),
        ("env: [{name: A, value: 010}]\n", "env[0].value"),
        ("workers: {celery: {podAnnotations: {a: 010}}}\n", "workers.celery.podAnnotations.a"),
    ],
)
def test_told_of_where_they_are_text(tmp_path: Path, content: str, key: str) -> None:
    """Options, variables and annotations have them as they are written; a warning says that YAML means another."""
    path = tmp_path / "values.yaml"
    path.write_text(content, encoding="utf-8")
    (warning,) = read_user_values(path).warnings
    assert f":1: {key}: 010 is text here" in warning
    assert "read it as 8" in warning
    assert "quotes" in warning
    path.write_text(content.replace("010", '"010"'), encoding="utf-8")
    assert read_user_values(path).warnings == []
