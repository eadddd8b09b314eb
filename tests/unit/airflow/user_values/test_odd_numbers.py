"""Numbers in helm/values.yaml that YAML 1.1 reads in a way that nobody means: the same as in an environment file."""

from __future__ import annotations

from pathlib import Path

import pytest
from constructs.airflow.user_values.file import read_user_values
from constructs.settings.document.problems import EnvironmentFileError

GRACE = "triggerer: {terminationGracePeriodSeconds: %s}\n"


@pytest.mark.parametrize("written", ["010", "0x10", "0b11", "1_000", "1:30", "1_0.5", "1:30.5", ".inf"])
def test_refused_where_they_would_be_numbers(tmp_path: Path, written: str) -> None:
    """With the line and what to write; not with what stands there, as nothing of this file is in a report."""
    path = tmp_path / "values.yaml"
    path.write_text(GRACE % written, encoding="utf-8")
    with pytest.raises(EnvironmentFileError) as caught:
        read_user_values(path)
    (problem,) = caught.value.problems
    assert (problem.line, problem.key) == (1, "triggerer.terminationGracePeriodSeconds")
    assert problem.received == "a number that YAML 1.1 reads as another one"
    assert "plain decimal digits" in problem.allowed
    assert "in quotes if it is text" in problem.fix
    assert written not in str(problem)


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
    assert f":1: {key} is text here" in warning
    assert "quotes" in warning
    assert "010" not in warning
    path.write_text(content.replace("010", '"010"'), encoding="utf-8")
    assert read_user_values(path).warnings == []
