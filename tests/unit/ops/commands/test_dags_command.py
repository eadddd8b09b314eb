"""`python -m ops dags check`, with a made-up Airflow; tests/airflow/test_dag_check.py has a real one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from ops.__main__ import application
from programs.own_tools import ROOT

VARIABLE = 'Traceback:\n  File "{}/a.py", line 2, in <module>\n    x\nAirflowRuntimeError: VARIABLE_NOT_FOUND: stage\n'
MODULE = "Traceback:\n  File \"{}/a.py\", line 3, in <module>\n    x\nModuleNotFoundError: No module named 'pandas'\n"


def checked(tmp_path: Path, *files: Mapping[str, Any], airflow: str = "3.3.2", more: tuple[str, ...] = ()) -> Result:
    """Check a folder in a Python that gives this answer."""
    dags = tmp_path / "dags"
    dags.mkdir()
    document = {"airflow": airflow, "python": "3.12.11", "folder": str(dags), "files": files}
    (tmp_path / "answer").write_text(json.dumps(document).replace("{}", str(dags)))
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\ncat {tmp_path}/answer\n")
    python.chmod(0o755)
    words = ("dags", "check", str(dags), "--env-file", str(ROOT / "environments" / "dev.yaml"), "--python", str(python))
    return CliRunner().invoke(application(), [*words, *more])


class TestDagsCheck:
    def test_of_right_files_counts_them(self, tmp_path: Path) -> None:
        """How many files and DAGs, in which Airflow and Python, of what."""
        done = checked(tmp_path, {"file": "a.py", "dags": ["one"], "errors": []})
        assert done.exit_code == 0
        assert done.stdout.startswith("1 file, 1 DAG, 0 mistakes: imported from ")
        assert "in Airflow 3.3.2, Python 3.12.11, of " in done.stdout

    def test_of_mistakes_says_each_and_what_to_do(self, tmp_path: Path) -> None:
        """A line for each, exit code 2; packages and variables that are missing have a fix."""
        done = checked(tmp_path, {"file": "a.py", "dags": [], "errors": [VARIABLE, MODULE]})
        assert done.exit_code == 2
        first, second, _ = done.stdout.splitlines()
        assert first == "a.py:2: AirflowRuntimeError: VARIABLE_NOT_FOUND: stage"
        assert second == "a.py:3: ModuleNotFoundError: No module named 'pandas'"
        assert "AIRFLOW_VAR_<NAME>=" in done.stderr
        assert "image/requirements.txt" in done.stderr

    def test_refuses_another_airflow(self, tmp_path: Path) -> None:
        """What imports in one version says nothing of the other."""
        done = checked(tmp_path, airflow="3.2.2")
        assert done.exit_code == 2
        assert "has Airflow 3.2.2, and airflow.version is 3.3.2." in done.stderr

    def test_as_json_has_it_all(self, tmp_path: Path) -> None:
        """For programs."""
        done = checked(tmp_path, {"file": "a.py", "dags": ["one"], "errors": [MODULE]}, more=("--json",))
        document = json.loads(done.stdout)
        assert document["dags"] == {"one": ["a.py"]}
        assert document["mistakes"][0]["line"] == 3

    def test_without_a_folder_is_said(self, tmp_path: Path) -> None:
        """By its path."""
        done = CliRunner().invoke(application(), ["dags", "check", str(tmp_path / "none")])
        assert done.exit_code == 2
        assert f"There is no folder {tmp_path}/none." in done.stderr
