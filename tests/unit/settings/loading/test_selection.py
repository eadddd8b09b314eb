"""Which file the environment variables choose."""

from __future__ import annotations

from pathlib import Path

import pytest
from constructs.settings.document.problems import EnvironmentFileError
from constructs.settings.loading.selection import environment_file


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout with two environments."""
    (tmp_path / "environments").mkdir()
    for name in ("dev", "prod"):
        (tmp_path / "environments" / f"{name}.yaml").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("env", "name"), [({}, "dev"), ({"AIRFLOW_ENV": ""}, "dev"), ({"AIRFLOW_ENV": "prod"}, "prod")]
)
def test_a_name_chooses_a_file_of_the_checkout(root: Path, env: dict[str, str], name: str) -> None:
    """`AIRFLOW_ENV` names a file in environments/; unset or empty it is `dev`."""
    assert environment_file(env, root) == root / "environments" / f"{name}.yaml"


def test_a_path_chooses_a_file_elsewhere_and_wins(root: Path) -> None:
    """`AIRFLOW_ENV_FILE` is a path, and counts more than `AIRFLOW_ENV`."""
    assert environment_file({"AIRFLOW_ENV_FILE": "/x/mine.yaml", "AIRFLOW_ENV": "nope"}, root) == Path("/x/mine.yaml")
    assert environment_file({"AIRFLOW_ENV_FILE": "mine.yaml"}, root) == Path("mine.yaml")
    assert environment_file({"AIRFLOW_ENV_FILE": "~/mine.yaml"}, root) == Path.home() / "mine.yaml"


def test_a_home_that_nobody_has_is_a_mistake(root: Path) -> None:
    """`~name` without such a user is no path."""
    with pytest.raises(EnvironmentFileError) as caught:
        environment_file({"AIRFLOW_ENV_FILE": "~nosuchuser/x.yaml"}, root)
    (problem,) = caught.value.problems
    assert (problem.key, problem.fix) == ("AIRFLOW_ENV_FILE", "write the whole path")
    assert "~nosuchuser/x.yaml" in problem.received


@pytest.mark.parametrize("name", ["staging", "../dev", "environments/dev", "de\nv", "*"])
def test_a_name_without_a_file_lists_those_that_exist(root: Path, name: str) -> None:
    """A name that is none, a path among them, is refused with the names there are."""
    with pytest.raises(EnvironmentFileError) as caught:
        environment_file({"AIRFLOW_ENV": name}, root)
    (problem,) = caught.value.problems
    assert problem.key == "AIRFLOW_ENV"
    assert problem.allowed == "one of dev, prod"
    assert "\n" not in problem.received


def test_a_mistake_is_called_by_what_the_user_gave(root: Path) -> None:
    """`--env nope` is no variable: the mistake and its fix speak of options."""
    with pytest.raises(EnvironmentFileError) as caught:
        environment_file({"AIRFLOW_ENV": "nope"}, root, by_options=True)
    (problem,) = caught.value.problems
    assert (problem.key, problem.fix) == ("--env", "give one of these, or the path of a file with --env-file")


def test_a_name_nearly_right_is_suggested(root: Path) -> None:
    """`prd`, or the file's whole name, is answered by the name that was meant."""
    for name in ("prd", "prod.yaml"):
        with pytest.raises(EnvironmentFileError, match=r"fix: did you mean prod\?"):
            environment_file({"AIRFLOW_ENV": name}, root)


def test_a_checkout_without_environments_says_so(tmp_path: Path) -> None:
    """No file at all is an error of its own, not a crash."""
    with pytest.raises(EnvironmentFileError, match="which has none"):
        environment_file({}, tmp_path)
