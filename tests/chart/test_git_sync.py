"""git-sync checks out what the environment file says: the chart passes it more variables than it obeys."""

from __future__ import annotations

from typing import Any

import pytest
from constructs.airflow.charts.rendering import Container, Rendering
from constructs.airflow.secrets import secret_names
from constructs.settings.sections.airflow.dags import IMAGE_FOLDER

from tests.chart.conftest import Render
from tests.chart.environments import OWN_IMAGE, PRIVATE_BY_SSH, PRIVATE_BY_TOKEN
from tests.chart.git_sync import RefusesToStartError, gives_up_after, reference

REPOSITORY = "https://github.com/acme/dags.git"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
#: What the environment file says of it, and what git-sync has to check out.
REFERENCES: dict[str, tuple[dict[str, str], str]] = {
    "default": ({}, "main"),
    "branch": ({"branch": "release/2026"}, "release/2026"),
    "tag": ({"tag": "v1.2.0"}, "v1.2.0"),
    "commit": ({"commit": COMMIT}, COMMIT),
}


def git_syncs(rendering: Rendering) -> list[Container]:
    """Every git-sync of a rendering, init containers too."""
    return [c for c in rendering.containers if c.body["name"].startswith("git-sync")]


class TestTheModel:
    def test_a_branch_wins_where_rev_is_head(self) -> None:
        """The chart's default branch would win over `ref` alone."""
        variables = {"GIT_SYNC_BRANCH": "v2-2-stable", "GIT_SYNC_REV": "HEAD", "GITSYNC_REF": "main"}
        assert reference(variables) == "v2-2-stable"

    def test_branch_and_rev_together_are_refused(self) -> None:
        """A pinned revision beside any branch keeps git-sync 4.4 from starting."""
        with pytest.raises(RefusesToStartError, match="one or the other"):
            reference({"GIT_SYNC_BRANCH": "main", "GIT_SYNC_REV": COMMIT, "GITSYNC_REF": COMMIT})

    def test_rev_wins_over_ref(self) -> None:
        """The old name for a revision is obeyed, not the new one."""
        assert reference({"GIT_SYNC_BRANCH": "", "GIT_SYNC_REV": "old", "GITSYNC_REF": "new"}) == "old"


class TestWhatIsDeployed:
    @pytest.mark.parametrize(("settings", "expected"), REFERENCES.values(), ids=REFERENCES.keys())
    def test_is_what_the_file_says(self, render: Render, settings: dict[str, str], expected: str) -> None:
        """In every git-sync of every pod: branch, tag or commit as written, main without any."""
        dags = {"repository": REPOSITORY, **settings}
        containers = git_syncs(render("dev", executor="CeleryExecutor,KubernetesExecutor", dags=dags))
        assert {container.pod for container in containers} == {
            "airflow-dag-processor",
            "airflow-triggerer",
            "airflow-worker",
            "task",
        }
        assert {reference(container.variables) for container in containers} == {expected}
        assert {container.variables["GITSYNC_REPO"] for container in containers} == {REPOSITORY}
        assert {container.variables["GITSYNC_REF"] for container in containers} == {expected}

    def test_lies_where_airflow_looks(self, render: Render) -> None:
        """The folder of the DAGs inside the repository is Airflow's folder of DAGs."""
        rendering = render("dev", dags={"repository": REPOSITORY, "sub_path": "airflow/dags"})
        assert "\ndags_folder = /opt/airflow/dags/repo/airflow/dags\n" in rendering.configuration
        mounts = {
            mount["mountPath"]
            for container in rendering.containers
            if container.name == "airflow-dag-processor/dag-processor"
            for mount in container.body["volumeMounts"]
        }
        assert "/opt/airflow/dags" in mounts


class TestFailures:
    @pytest.mark.parametrize(("period", "failures"), [(5, 60), (60, 5), (3600, 1)])
    def test_are_retried_for_five_minutes(self, render: Render, period: int, failures: int) -> None:
        """The container does not end at the first failure, unless it would wait for longer than that."""
        containers = git_syncs(render("dev", dags={"repository": REPOSITORY, "sync_period_seconds": period}))
        assert {gives_up_after(container.variables) for container in containers} == {failures}
        assert {container.variables["GITSYNC_PERIOD"] for container in containers} == {f"{period}s"}


class TestAccess:
    def test_of_a_public_repository_takes_nothing(self, render: Render) -> None:
        """No secret, no key, no user name."""
        rendering = render("dev", dags={"repository": REPOSITORY})
        assert secret_names.GIT not in rendering.references("Secret")
        for container in git_syncs(rendering):
            assert not container.variables.keys() & {"GITSYNC_USERNAME", "GITSYNC_PASSWORD", "GITSYNC_SSH_KEY_FILE"}

    def test_by_token_is_in_the_four_keys_of_the_stacks_secret(self, render: Render) -> None:
        """User name and token come from the secret, under the names of both versions of git-sync."""
        wanted = {f"{version}_{part}" for version in ("GITSYNC", "GIT_SYNC") for part in ("USERNAME", "PASSWORD")}
        for container in git_syncs(render("dev", dags=PRIVATE_BY_TOKEN)):
            sources: dict[str, Any] = {entry["name"]: entry.get("valueFrom") for entry in container.body["env"]}
            for name in wanted:
                assert sources[name] == {"secretKeyRef": {"name": secret_names.GIT, "key": name}}

    def test_by_ssh_checks_the_hosts_key(self, render: Render) -> None:
        """The key is mounted from the stack's secret, known hosts from the configuration, and both are used."""
        rendering = render("dev", dags=PRIVATE_BY_SSH)
        containers = git_syncs(rendering)
        assert len(containers) == 6
        for container in containers:
            variables = container.variables
            assert variables["GITSYNC_SSH_KNOWN_HOSTS"] == variables["GIT_KNOWN_HOSTS"] == "true"
            mounts = {mount["mountPath"]: mount["name"] for mount in container.body["volumeMounts"]}
            assert mounts[str(variables["GITSYNC_SSH_KEY_FILE"])] == "git-sync-ssh-key"
            assert mounts[str(variables["GITSYNC_SSH_KNOWN_HOSTS_FILE"])] == "config"
        known = rendering.named("ConfigMap")["airflow-config"]["data"]["known_hosts"]
        assert known.strip() == PRIVATE_BY_SSH["known_hosts"]
        assert secret_names.GIT in rendering.references("Secret")


class TestDagsInTheImage:
    @pytest.fixture
    def rendering(self, render: Render) -> Rendering:
        """Every executor, DAGs in an image of one's own."""
        return render("dev", executor="CeleryExecutor,KubernetesExecutor", dags={"source": "image"}, image=OWN_IMAGE)

    def test_nothing_is_fetched(self, rendering: Rendering) -> None:
        """No git-sync, and no volume in the place of the image's folder."""
        assert git_syncs(rendering) == []
        mounts = [mount["mountPath"] for c in rendering.containers for mount in c.body.get("volumeMounts", ())]
        assert [path for path in mounts if path.startswith("/opt/airflow/dags")] == []

    def test_airflow_looks_into_the_images_folder(self, rendering: Rendering) -> None:
        """As the setting says it."""
        [configuration] = [
            body["data"]["airflow.cfg"]
            for name, body in rendering.named("ConfigMap").items()
            if "airflow.cfg" in body.get("data", {})
        ]
        assert f"dags_folder = {IMAGE_FOLDER}\n" in configuration
