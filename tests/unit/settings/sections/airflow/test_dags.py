"""Where the DAGs come from."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from constructs.settings.document.problems import Problem
from constructs.settings.environment import Environment

Problems = Callable[[dict[str, str | None]], list[Problem]]
Load = Callable[[dict[str, str | None]], Environment]

IMAGE = {"airflow/image": "{repository: registry.example.com/airflow, tag: 3.3.2-1}"}


class TestImage:
    def test_needs_no_repository(self, load: Load) -> None:
        """Nothing is fetched, and no container for it is counted."""
        fetched, there = load({}).airflow, load({**IMAGE, "airflow/dags": "{source: image}"}).airflow
        assert (there.dags.uses_git_sync, there.dags.repositories) == (False, {})
        for name in ("dag_processor", "triggerer", "workers"):
            saved = fetched.pods[name][1].mebibytes - there.pods[name][1].mebibytes
            assert saved == 128

    def test_has_to_be_ones_own(self, problems: Problems) -> None:
        """The official image has no DAGs in it."""
        [problem] = problems({"airflow/dags": "{source: image}"})
        assert problem.key == "airflow.dags"
        assert "the official one has no DAGs" in problem.allowed
        assert "add airflow.image" in problem.fix

    @pytest.mark.parametrize(
        "other",
        [
            "repository: https://github.com/acme/dags.git",
            "branch: main",
            "sub_path: other",
            "sync_period_seconds: 30",
            "token_secret_name: git/token",
            "known_hosts: 'github.com ssh-ed25519 AAAA'",
            "credentials_revision: 2",
        ],
    )
    def test_takes_nothing_of_a_repository(self, problems: Problems, other: str) -> None:
        """It would do nothing: the report says what to remove."""
        [problem] = problems({**IMAGE, "airflow/dags": f"{{source: image, {other}}}"})
        name = other.partition(":")[0]
        assert problem.key == f"airflow.dags.{name}"
        assert problem.allowed == "nothing while airflow.dags.source is image: nothing is fetched"
        assert problem.fix == f"remove airflow.dags.{name}, or airflow.dags.source"


class TestRepository:
    def test_is_missed_where_nothing_else_is_said(self, problems: Problems) -> None:
        """With both ways out."""
        [problem] = problems({"airflow/dags": "{branch: main}"})
        assert (problem.key, problem.received) == ("airflow.dags.repository", "nothing, the key is missing")
        assert problem.allowed == "the URL of a Git repository, as airflow.dags.source is git_sync"
        assert "airflow.dags.source: image" in problem.fix

    def test_is_still_all_that_has_to_be_said(self, load: Load) -> None:
        """As before there was a choice."""
        by_ssh = "ssh_key_secret_name: k, known_hosts: 'github.com ssh-ed25519 AAAA'"
        dags = load({"airflow/dags": f"{{repository: 'git@github.com:a/b.git', {by_ssh}}}"}).airflow.dags
        assert (dags.source, dags.uses_ssh, dags.port) == ("git_sync", True, 22)
