"""Output in the documents that takes neither AWS nor Terraform: edits of the environment file, and refusals."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from constructs.settings.document.problems import EnvironmentFileError
from constructs.settings.loading.environment_file import load_environment
from typer.testing import CliRunner

from ops.__main__ import application
from tests.documented import shows

ENVIRONMENTS = Path(__file__).resolve().parents[2] / "environments"
#: As the documents name it.
DEV = Path("environments/dev.yaml")

#: An environment file with four mistakes, on lines 3, 6, 8 and 15.
BROKEN = """\
name: dev
region: eu-west-1
account_id: 111122223333
availability_zones: [eu-west-1a, eu-west-1b]
network:
  database_vpc_cidr: 10.0.8.0/24
cluster:
  kubernetes_version: 1.30
  administrators: [arn:aws:iam::111122223333:role/platform-engineers]
  endpoint:
    public_access_cidrs: [203.0.113.0/24]
  node_groups:
    default:
      min_size: 2
      instance_type: m7g.large
airflow:
  dags: {repository: https://github.com/acme/dags.git}
  web: {allowed_cidrs: [203.0.113.0/24], unencrypted_http: true}
"""

Change = Callable[[dict[str, Any]], object]


@pytest.fixture(autouse=True)
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working directory with nothing but a folder for environment files."""
    (tmp_path / "environments").mkdir()
    monkeypatch.chdir(tmp_path)
    for variable in ("AIRFLOW_ENV", "AIRFLOW_ENV_FILE"):
        monkeypatch.delenv(variable, raising=False)


def write(file: Path, change: Change) -> None:
    """Write the shipped environment dev, changed, under the name of the file."""
    values = yaml.safe_load((ENVIRONMENTS / "dev.yaml").read_text(encoding="utf-8"))
    change(values)
    values["name"] = file.stem
    file.write_text(yaml.safe_dump(values, sort_keys=False), encoding="utf-8")


def rotate(secret: str, file: Path = DEV, exit_code: int = 0) -> str:
    """What `python -m ops rotate` says, checked for its exit code."""
    done = CliRunner().invoke(application(), ["rotate", secret, "--env-file", str(file)])
    assert done.exit_code == exit_code, done.output
    return done.output


def as_shipped(_: dict[str, Any]) -> None:
    """Nothing is changed."""


def private_repository(values: dict[str, Any]) -> None:
    """DAGs come from a repository that takes a token."""
    values["airflow"]["dags"]["token_secret_name"] = "git/airflow-dags"


def private_registry(values: dict[str, Any]) -> None:
    """Airflow's image comes from a registry that takes a login."""
    values["airflow"]["image"] = {"repository": "registry.example.com/airflow", "tag": "1", "pull_secret_name": "r"}


#: Output -> the environment whose secret is rotated.
ROTATIONS: dict[str, Change] = {
    "rotate-database": as_shipped,
    "rotate-redis": as_shipped,
    "rotate-api": as_shipped,
    "rotate-admin": as_shipped,
    "rotate-git": private_repository,
    "rotate-registry": private_registry,
}


class TestRotation:
    @pytest.mark.parametrize("name", ROTATIONS)
    def test_says_what_restarts_and_what_is_next(self, name: str) -> None:
        """The file is edited, and the output is the one in the documents."""
        write(DEV, ROTATIONS[name])
        before = load_environment(DEV)
        shows(name, rotate(name.removeprefix("rotate-")))
        assert load_environment(DEV) != before

    def test_of_fernet_waits_for_everything_to_be_encrypted_anew(self) -> None:
        """While no state says that the job has run, the first key stays in the file."""
        file = Path("environments/undeployed.yaml")
        write(file, lambda values: values["secrets"].update(fernet_keys=[2, 1]))
        shows("rotate-fernet-refused", rotate("fernet", file, exit_code=2))
        assert load_environment(file).secrets.fernet_keys == (2, 1)


class TestRefusal:
    def test_of_versions_that_do_not_fit(self) -> None:
        """Kubernetes, PostgreSQL and Airflow: each with what is allowed instead."""

        def yesterday(values: dict[str, Any]) -> None:
            values["cluster"]["kubernetes_version"] = "1.29"
            values["database"]["engine_version"] = "15"
            values["airflow"]["version"] = "3.1.8"

        file = Path("environments/staging.yaml")
        write(file, yesterday)
        with pytest.raises(EnvironmentFileError) as refused:
            load_environment(file)
        shows("refused-versions", str(refused.value))

    def test_names_every_mistake_of_a_file(self) -> None:
        """Four of four kinds: no quotes, a clash, a version that YAML reads as another number, a misspelled key."""
        file = Path("broken.yaml")
        file.write_text(BROKEN, encoding="utf-8")
        with pytest.raises(EnvironmentFileError) as refused:
            load_environment(file)
        shows("mistakes", str(refused.value))
