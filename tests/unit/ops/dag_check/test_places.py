"""Where DAG files are imported."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from constructs.settings.loading.environment_file import load_environment

from ops.console.errors import OperationError
from ops.dag_check.places import Place, docker_answers, in_image, in_python
from programs.own_tools import ROOT

DEV = ROOT / "environments" / "dev.yaml"
DIGEST = "sha256:" + 64 * "0"


def program(file: Path, text: str) -> Path:
    """A program of a shell."""
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return file


class TestDocker:
    @pytest.mark.parametrize(("code", "answers"), [("0", True), ("1", False)])
    def test_answers_where_its_daemon_does(self, tmp_path: Path, code: str, *, answers: bool) -> None:
        """The program alone starts nothing."""
        program(tmp_path / "docker", f'[ "$*" = version ] && exit {code}')
        assert docker_answers({"PATH": str(tmp_path)}) is answers

    def test_is_not_there_without_its_program(self, tmp_path: Path) -> None:
        """Nothing is started."""
        assert not docker_answers({"PATH": str(tmp_path)})

    def test_runs_the_image_of_the_environment(self, tmp_path: Path) -> None:
        """The one that the file names, by its digest, which the pods run."""
        own = tmp_path / "dev.yaml"
        image = f'  version: "3.3.2"\n  image: {{repository: a.example/airflow, digest: "{DIGEST}"}}\n'
        own.write_text(DEV.read_text().replace("\nairflow:\n", f"\nairflow:\n{image}"))
        place = in_image(load_environment(own), tmp_path, {})
        assert f"a.example/airflow@{DIGEST}" in place.command

    def test_gets_folder_and_variables_and_nothing_else(self, tmp_path: Path) -> None:
        """The folder read-only where the image has DAGs, variables by name, so that no list of processes shows them."""
        environ = {"AIRFLOW_VAR_STAGE": "s3cret", "AWS_SECRET_ACCESS_KEY": "k", "PATH": "/bin"}
        place = in_image(load_environment(DEV), tmp_path, environ)
        assert place.command == (
            *("docker", "run", "--rm", "--interactive"),
            *("--mount", f"type=bind,source={tmp_path},target=/opt/airflow/dags,readonly"),
            *("--env", "AIRFLOW_VAR_STAGE", "--entrypoint", "python", "apache/airflow:3.3.2", "-", "/opt/airflow/dags"),
        )


class TestPython:
    def test_gets_no_other_variables(self, tmp_path: Path) -> None:
        """No credentials of the caller reach a DAG file; what Airflow reads as variables and connections does."""
        kept = {"AIRFLOW_VAR_STAGE": "dev", "AIRFLOW_CONN_DWH": "http://", "LANG": "C.UTF-8"}
        secret = {"AWS_SECRET_ACCESS_KEY": "k", "GITHUB_TOKEN": "t", "AIRFLOW__CORE__FERNET_KEY": "f"}
        place = in_python(Path(sys.executable), tmp_path, {**kept, **secret, "PATH": "/bin"}, lacks="")
        path = f"{Path(sys.executable).parent}{os.pathsep}/bin"
        assert place.environ == {**kept, "PATH": path}

    def test_that_is_not_there_is_said(self, tmp_path: Path) -> None:
        """With its path."""
        with pytest.raises(OperationError, match=r"There is no Python at .*/none"):
            in_python(tmp_path / "none", tmp_path, {}, lacks="")


class TestRun:
    def place(self, file: Path) -> Place:
        """One of a program."""
        return Place(words="the image a", command=(str(file),), environ={"PATH": os.defpath}, lacks="log in")

    def test_gives_the_program_and_a_home_of_its_own(self, tmp_path: Path) -> None:
        """It comes from standard input; the home is gone afterwards."""
        lines = 'head -n 1 > "$0.line"; echo "{\\"home\\": \\"$AIRFLOW_HOME\\"}"'
        file = program(tmp_path / "python", lines)
        home = Path(self.place(file).run()["home"])
        assert not home.exists()
        assert "Imports the files of a folder of DAGs" in Path(f"{file}.line").read_text()

    def test_says_what_stopped_it(self, tmp_path: Path) -> None:
        """The end of what the program said, and what to do; no traceback."""
        file = program(tmp_path / "docker", 'echo "pull access denied" >&2; exit 125')
        with pytest.raises(OperationError, match=r"the image a: .*docker ended with code 125\.\npull access") as caught:
            self.place(file).run()
        assert caught.value.fix == "log in"
