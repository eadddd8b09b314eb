"""Rotation: the line in the file, the steps of Fernet, who restarts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from constructs.airflow.computed_values.components import annotation_values
from constructs.settings.environment import Environment
from constructs.settings.loading.environment_file import load_environment
from constructs.settings.sections.airflow.sign_in import SignInSettings

from ops.console.errors import OperationError
from ops.console.exit_codes import ExitCode
from ops.rotation.fernet import next_keys
from ops.rotation.file_edit import with_value, write
from ops.rotation.secrets import SECRETS
from ops.state.location import StateFile
from ops.state.reading import StackState, StateInstance
from programs.own_tools import ROOT
from tests.chart.environments import SIGN_IN

JWT = ("secrets", "revisions", "jwt")


class TestFile:
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            (
                "# top\nsecrets:\n  revisions:   # numbers\n    jwt: 1    # the key\n    api: 3\nlast: 1\n",
                "# top\nsecrets:\n  revisions:   # numbers\n    jwt: 2    # the key\n    api: 3\nlast: 1\n",
            ),
            ("secrets: {revisions: {jwt: 1}, x: 1}  # end\n", "secrets: {revisions: {jwt: 2}, x: 1}  # end\n"),
            ("secrets: {x: 1}\n", "secrets: {x: 1, revisions: {jwt: 2}}\n"),
            ("secrets: {}\n", "secrets: {revisions: {jwt: 2}}\n"),
            (
                "secrets:\n  window: 7   # days\n\nlast: 1\n",
                "secrets:\n  window: 7   # days\n  revisions:\n    jwt: 2\n\nlast: 1\n",
            ),
            ("a: 1", "a: 1\nsecrets:\n  revisions:\n    jwt: 2\n"),
            (
                "secrets:\r\n  revisions:\r\n    api: 3\r\n",
                "secrets:\r\n  revisions:\r\n    api: 3\r\n    jwt: 2\r\n",
            ),
            (
                "secrets:\n    revisions:\n        jwt: 1\ntext: |\n  jwt: 1\n",
                "secrets:\n    revisions:\n        jwt: 2\ntext: |\n  jwt: 1\n",
            ),
        ],
        ids=["in-place", "in-braces", "added-in-braces", "empty-braces", "section", "no-newline", "windows", "only-it"],
    )
    def test_everything_else_stays(self, before: str, after: str) -> None:
        """One value changes or is added; comments, order, spelling and line ends are what they were."""
        assert with_value(before, JWT, 2) == after

    @pytest.mark.parametrize("name", ["dev", "prod"])
    def test_shipped_files(self, name: str) -> None:
        """In the shipped files at most three lines are new, and none of the others is touched."""
        text = (ROOT / "environments" / f"{name}.yaml").read_text(encoding="utf-8")
        edited = with_value(text, JWT, 2)
        assert yaml.safe_load(edited)["secrets"]["revisions"]["jwt"] == 2
        new = [line for line in edited.splitlines() if line not in text.splitlines()]
        assert len(new) <= 3
        assert len(edited.splitlines()) - len(text.splitlines()) <= 3

    @pytest.mark.parametrize("text", ["x: &shared {jwt: 1}\nsecrets:\n  revisions: *shared\n", "secrets: 5\n", "- a\n"])
    def test_what_can_not_be_edited_safely(self, text: str) -> None:
        """A file in which the change would mean more, or another thing, stays as it is; the line to write is said."""
        with pytest.raises(OperationError) as refused:
            with_value(text, JWT, 2)
        assert refused.value.exit_code is ExitCode.MISTAKE
        assert "set secrets.revisions.jwt to 2 by hand" in refused.value.fix

    def test_written_in_one_step(self, tmp_path: Path) -> None:
        """The file keeps its mode and its place behind a link, and nothing else is left in the folder."""
        file, link = tmp_path / "dev.yaml", tmp_path / "link.yaml"
        file.write_text("a: 1\n", encoding="utf-8")
        file.chmod(0o640)
        link.symlink_to(file)
        write(link, "a: 2\n")
        assert (file.read_text(encoding="utf-8"), file.stat().st_mode & 0o777, link.is_symlink()) == (
            "a: 2\n",
            0o640,
            True,
        )
        assert sorted(path.name for path in tmp_path.iterdir()) == ["dev.yaml", "link.yaml"]


def platform(numbers: str, *, tainted: bool = False) -> StackState:
    """A state in which the job has run for these keys."""
    env = [{"name": "FERNET_KEY_NUMBERS", "value": numbers}]
    spec = {"spec": [{"template": [{"spec": [{"container": [{"env": env}]}]}]}]}
    job = StateInstance("kubernetes_job_v1.fernet", "kubernetes_job_v1", tainted, deposed=False, attributes=spec)
    return StackState(stack="platform", location=StateFile(Path("platform.tfstate")), instances=(job,))


class TestFernet:
    def test_a_key_is_added(self) -> None:
        """The first step puts a new number before the old one."""
        assert next_keys([3], None) == [4, 3]

    def test_the_old_key_goes_when_nothing_needs_it(self) -> None:
        """The last step, once the job that encrypts everything anew has run for exactly these keys."""
        assert next_keys([4, 3], platform("4,3")) == [4]

    @pytest.mark.parametrize(
        "state",
        [None, platform("3"), platform("4,3", tainted=True), platform("")],
        ids=["none", "before", "failed", "x"],
    )
    def test_the_old_key_stays_while_it_is_needed(self, state: StackState | None) -> None:
        """Not deployed, or the job has failed: refused, and what to do first."""
        with pytest.raises(OperationError, match="Key 3 is still needed") as refused:
            next_keys([4, 3], state)
        assert refused.value.exit_code is ExitCode.MISTAKE


#: Words of the sentence on restarts -> where the chart's values annotate those pods.
PODS = {
    "every pod with Airflow in it": "airflowPodAnnotations",
    "PgBouncer": "pgbouncer",
    "Redis": "redis",
    "api-server and scheduler": "scheduler",
    "DAG processor, workers and, with git-sync, triggerer": "triggerer",
}


@pytest.fixture(scope="module")
def environment() -> Environment:
    """Dev with a repository that wants a token, and an identity provider."""
    environment = load_environment(ROOT / "environments" / "dev.yaml")
    dags = environment.airflow.dags.model_copy(update={"token_secret_name": "git"})
    used = {"dags": dags, "sign_in": SignInSettings.model_validate(SIGN_IN)}
    return environment.model_copy(update={"airflow": environment.airflow.model_copy(update=used)})


class TestRestarts:
    @pytest.mark.parametrize("name", sorted(SECRETS))
    def test_said_as_it_is(self, environment: Environment, name: str) -> None:
        """Who is said to restart is who gets another annotation with the new revision."""
        airflow = environment.airflow
        revisions: dict[str, int | str] = dict.fromkeys(
            ("database", "redis", "api", "jwt", "git", "fernet", "pgbouncer", "sign_in"), 1
        )
        # PgBouncer's file of users holds the password of the database's owner, and that of KEDA's role.
        raised = {name: 2, **({"pgbouncer": 2} if name in {"database", "scaler"} else {})}
        before, after = annotation_values(airflow, revisions), annotation_values(airflow, {**revisions, **raised})
        said = SECRETS[name].restarts
        for words, component in PODS.items():
            assert (words in said) is _differs(before, after, component), (said, component)

    def test_each_has_its_place_in_the_file(self, environment: Environment) -> None:
        """Every secret's number is where its location says, and starts with 1."""
        used: dict[str, Any] = {name: known for name, known in SECRETS.items() if known.used(environment)}
        assert {name: known.revision(environment) for name, known in used.items()} == dict.fromkeys(used, 1)
        assert "registry" not in used


def _differs(before: Any, after: Any, component: str) -> bool:
    return bool(before.get(component) != after.get(component))
