"""Repositories that Airflow fetches itself, as bundles."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from constructs.settings.document.problems import Problem
from constructs.settings.environment import Environment
from constructs.settings.sections.airflow.dags import repository_key

Problems = Callable[[dict[str, str | None]], list[Problem]]
Load = Callable[[dict[str, str | None]], Environment]

IMAGE = {"airflow/image": "{repository: registry.example.com/airflow, tag: 3.3.2-1}"}
TEAM_A = "team-a: {repository: 'https://git.example.com/a.git', token_secret_name: git/a}"
TEAM_B = (
    "team-b: {repository: 'ssh://git@git.example.com:2222/b.git', tag: v1, sub_path: '', ssh_key_secret_name: git/b, "
    "known_hosts: 'git.example.com ssh-ed25519 AAAA'}"
)


def _dags(*bundles: str, more: str = "") -> dict[str, str | None]:
    return {"airflow/dags": f"{{source: bundles, bundles: {{{', '.join(bundles)}}}{more}}}"}


class TestBundles:
    def test_each_is_a_repository_of_its_own(self, load: Load) -> None:
        """With its own reference, folder, port and credentials."""
        dags = load(_dags(TEAM_A, TEAM_B)).airflow.dags
        a, b = dags.bundles["team-a"], dags.bundles["team-b"]
        assert (a.reference, a.sub_path, a.port, a.uses_ssh) == ("main", "dags", 443, False)
        assert (b.reference, b.sub_path, b.port, b.uses_ssh) == ("v1", "", 2222, True)
        assert dags.credentials_secrets == ["git/a", "git/b"]
        keys = [repository_key(name) for name in dags.repositories]
        assert keys == ["airflow.dags.bundles.team-a", "airflow.dags.bundles.team-b"]

    def test_bring_no_container_beside_airflows(self, load: Load) -> None:
        """Airflow fetches by itself: git-sync's memory is not counted."""
        synced, bundled = load({}).airflow, load(_dags(TEAM_A)).airflow
        assert bundled.pods["dag_processor"][1].mebibytes == synced.pods["dag_processor"][1].mebibytes - 128

    @pytest.mark.parametrize(
        ("dags", "key", "allowed", "fix"),
        [
            ("{source: bundles}", "bundles", "at least one bundle", "repository: https://"),
            ("{source: bundles, bundles: {}}", "bundles", "at least one bundle", "repository: https://"),
            ("{source: bundles, bundles: {a: {}}}", "bundles.a.repository", "", ""),
            ("{source: bundles, bundles: {A: {repository: 'https://a/b'}}}", "bundles.A", "1 to 30", "team-a"),
            (
                "{source: bundles, bundles: {dags-folder: {repository: 'https://a/b'}}}",
                "bundles.dags-folder",
                "Airflow's name for the image's own",
                "team-a",
            ),
            (
                f"{{source: bundles, branch: main, bundles: {{{TEAM_A}}}}}",
                "branch",
                "each bundle has its own",
                "airflow.dags.bundles.<name>.branch",
            ),
            (
                f"{{repository: 'https://a/b', bundles: {{{TEAM_A}}}}}",
                "bundles",
                "nothing while airflow.dags.source is git_sync",
                "airflow.dags.source: bundles",
            ),
            (
                "{source: bundles, bundles: {a: {repository: 'git@a.com:b.git'}}}",
                "bundles.a.ssh_key_secret_name",
                "airflow.dags.bundles.<name>.repository is an SSH URL",
                "add airflow.dags.bundles.<name>.ssh_key_secret_name",
            ),
            (
                "{repository: 'https://a/b', image_too: true}",
                "image_too",
                "with airflow.dags.source: bundles alone",
                "remove airflow.dags.image_too",
            ),
            (
                "{source: bundles, bundles: {"
                + ", ".join(f"a{port}: {{repository: 'https://a:{port}/b'}}" for port in range(443, 447))
                + "}}",
                "bundles",
                "no more than 3 different ports",
                "for port 443",
            ),
        ],
    )
    def test_mistakes_are_told_at_their_key(
        self, problems: Problems, dags: str, key: str, allowed: str, fix: str
    ) -> None:
        """What is allowed, and the way out in words of the file."""
        found = problems({"airflow/dags": dags})[0]
        assert found.key == f"airflow.dags.{key}"
        assert allowed in found.allowed
        assert fix in found.fix

    def test_a_private_address_has_to_be_let_through(self, problems: Problems) -> None:
        """For each of them: network policies keep pods from it otherwise."""
        [problem] = problems(
            {**_dags(TEAM_A, "c: {repository: 'https://10.9.8.7:8443/c.git'}"), "airflow/task_egress": "[]"}
        )
        assert problem.key == "airflow.task_egress"
        assert "airflow.dags.bundles.c.repository" in problem.allowed
        assert problem.fix == "add 10.9.8.7/32:8443"

    def test_the_variable_of_its_connection_is_not_the_users(self, problems: Problems) -> None:
        """Another value would take the place of the credentials."""
        [problem] = problems({**_dags(TEAM_A), "airflow/environment": "[{name: AIRFLOW_CONN_GIT_TEAM_A, value: x}]"})
        assert problem.key == "airflow.environment[0].name"
        assert "airflow.dags" in problem.fix


class TestBesideTheImage:
    def test_needs_an_image_of_ones_own(self, problems: Problems, load: Load) -> None:
        """The official one has no DAGs."""
        both = _dags(TEAM_A, more=", image_too: true")
        [problem] = problems(both)
        assert (problem.key, "remove airflow.dags.image_too" in problem.fix) == ("airflow.dags", True)
        assert load({**IMAGE, **both}).airflow.dags.needs_own_image
