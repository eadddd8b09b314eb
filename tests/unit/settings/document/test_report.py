"""The report that a person reads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from constructs.settings.document.problems import EnvironmentFileError
from constructs.settings.loading.environment_file import load_environment

Write = Callable[[str], Path]

AIRFLOW = """\
airflow:
  dags: {repository: https://github.com/acme/dags.git}
  web: {allowed_cidrs: [203.0.113.0/24], unencrypted_http: true}
"""
FILE = """\
# a comment
name: dev
region: eu-west-1
account_id: 111122223333

availability_zones:
  - eu-west-1a
  - us-east-1b
cluster:
  kubernetes_version: 1.30
  node_groups:
    default:
      min_size: 3
      max_size: 2
"""
FILE += AIRFLOW


def report(write: Write, text: str) -> str:
    """Return the report on a file with this text."""
    with pytest.raises(EnvironmentFileError) as caught:
        load_environment(write(text))
    return str(caught.value)


def test_reads_as_a_headline_and_four_lines_for_each_mistake(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All mistakes come at once, in the order of their lines: place and key, received, allowed, fix."""
    monkeypatch.chdir(tmp_path)
    paragraphs = report(write, FILE).split("\n\n")
    assert paragraphs[0] == "test.yaml: 6 mistakes"
    assert [paragraph.splitlines()[0] for paragraph in paragraphs[1:-1]] == [
        "test.yaml:4: account_id",
        "test.yaml:8: availability_zones[1]",
        "test.yaml:9: cluster.endpoint",
        "test.yaml:9: cluster.administrators",
        "test.yaml:10: cluster.kubernetes_version",
        "test.yaml:14: cluster.node_groups.default.max_size",
    ]
    assert paragraphs[5].splitlines()[1:] == [
        "  received: 1.30 (a number; without quotes, YAML reads it as 1.3)",
        '  allowed: a Kubernetes version in quotes, such as "1.35", which the project is tested with',
        '  fix: put it in quotes: "1.30"',
    ]


@pytest.mark.parametrize(
    ("changed", "page"),
    [
        ("log_retention_days: 8", "docs/environment-file.md#cluster"),
        ("log_retention_days: 8\nsecrets: {fernet_keys: []}", "docs/environment-file.md#every-key"),
        ("log_retention_days: 8\n  addons: {strange: 1}", "docs/environment-file.md#cluster"),
    ],
)
def test_ends_with_the_page_that_describes_what_is_wrong(write: Write, changed: str, page: str) -> None:
    """Once for the whole report: the section that all mistakes are in, or all keys."""
    text = (
        "name: dev\nregion: eu-west-1\naccount_id: '111122223333'\navailability_zones: [eu-west-1a, eu-west-1b]\n"
        f"{AIRFLOW}cluster:\n  endpoint: {{public_access: false}}\n"
        "  administrators: [arn:aws:iam::111122223333:role/admins]\n  node_groups: {default: {}}\n"
        f"  {changed}\n"
    )
    assert report(write, text).splitlines()[-1] == f"What may stand there: {page}"


def test_one_mistake_is_counted_in_the_singular(write: Write) -> None:
    """The headline counts: `1 mistake`."""
    assert report(write, "- a\n").splitlines()[0].endswith("test.yaml: 1 mistake")


def test_a_path_elsewhere_is_shown_in_full(write: Write, tmp_path: Path) -> None:
    """A file outside the working directory is named by its whole path."""
    assert report(write, "").startswith(f"{tmp_path}/test.yaml: ")


def test_what_was_received_is_shown_on_one_printable_line(write: Write) -> None:
    """Text from the file cannot forge lines of the report, move the cursor or flood the terminal."""
    text = report(write, f'name: "a\\nb\\e[31m"\nregion: {"x" * 5000}\n? "k\\r\\e"\n: 1\n{"y" * 900}: 1\n')
    assert all(character.isprintable() or character == "\n" for character in text)
    assert 'received: "a\\nb\\x1b[31m"' in text
    assert 'test.yaml:3: ["k\\r\\x1b"]' in text
    assert max(map(len, text.splitlines())) < 300


def test_problems_carry_the_same_facts(write: Write) -> None:
    """Programs read the mistakes as values, with file and line."""
    with pytest.raises(EnvironmentFileError) as caught:
        load_environment(write(FILE))
    first = caught.value.problems[0]
    assert first.file.endswith("test.yaml")
    assert (first.line, first.key, first.fix) == (4, "account_id", 'put it in quotes: "111122223333"')
