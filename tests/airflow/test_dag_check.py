"""`python -m ops dags check` with real Airflows: what the DAG processor would say of the files."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from ops.dag_check.findings import Findings
from ops.dag_check.places import in_python
from tests.airflow.installation import DAGS, OLDEST_PROGRAMS, PROGRAMS, Airflow
from tests.airflow.servers import MissingProgramError
from tests.availability import unavailable

pytestmark = pytest.mark.slow

#: File -> its text; none of them is imported in peace.
BROKEN = {
    "module.py": "from airflow.sdk import DAG\n\nimport no_such_module\n",
    "syntax.py": "from airflow.sdk import DAG\ndef x(:\n",
    "option.py": 'from airflow.sdk import DAG\nDAG("option", schedule_interval="@daily")\n',
    "cycle.py": """from airflow.sdk import DAG
from airflow.providers.standard.operators.empty import EmptyOperator
with DAG("cycle"):
    a, b = EmptyOperator(task_id="a"), EmptyOperator(task_id="b")
    a >> b >> a
""",
    "exits.py": "from airflow.sdk import DAG\nprint('hello')\nraise SystemExit(3)\n",
    "dies.py": "from airflow.sdk import DAG\nimport os\nos._exit(9)\n",
    "variable.py": 'from airflow.sdk import DAG, Variable\nwith DAG(Variable.get("stage")):\n    pass\n',
    "library.py": 'def go():\n    raise ValueError("deep")\n',
    "uses.py": "from airflow.sdk import DAG\nimport library\nlibrary.go()\n",
    "first.py": 'from airflow.sdk import DAG\nwith DAG("same"):\n    pass\n',
    "second.py": 'from airflow.sdk import DAG\nwith DAG("same"):\n    pass\n',
}
TOLD = {
    "module.py:3: ModuleNotFoundError: No module named 'no_such_module'",
    "syntax.py:2: SyntaxError: invalid syntax",
    "option.py:2: TypeError: DAG.__init__() got an unexpected keyword argument 'schedule_interval'",
    "cycle.py: AirflowDagCycleException: Cycle detected in Dag: cycle. Faulty task: b",
    "exits.py:3: SystemExit: 3",
    "dies.py: the process that imports it has ended with code 9",
    (
        "variable.py:2: airflow.sdk.exceptions.AirflowRuntimeError: VARIABLE_NOT_FOUND: "
        "{'message': 'Variable stage not found'}"
    ),
    "uses.py:3: ValueError: deep (library.py:2)",
    "second.py: the DAG same is in first.py, too: of two with one dag_id, Airflow shows now the one, now the other",
}


@dataclass(frozen=True)
class Checks:
    """What one Airflow says."""

    programs: Path

    def of(self, folder: Path, **variables: str) -> Findings:
        """Of a folder."""
        environ = {"PATH": os.defpath, **variables}
        return Findings.of(in_python(self.programs / "python", folder, environ, lacks="").run())


@pytest.fixture(scope="module", params=[PROGRAMS, OLDEST_PROGRAMS], ids=["default", "oldest"])
def checks(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Checks:
    """Those of an Airflow that is installed."""
    try:
        Airflow.installed(tmp_path_factory.mktemp("none"), request.param)
    except MissingProgramError as missing:
        unavailable(str(missing))
    return Checks(request.param)


class TestCheck:
    def test_of_our_dags_finds_nothing(self, checks: Checks) -> None:
        """Each file is imported, and its DAGs are known."""
        findings = checks.of(DAGS)
        assert findings.mistakes == ()
        assert findings.files == len([*DAGS.glob("*.py")])
        assert {"sample", "sample_sensor", "verify_installation"} <= set(findings.dags)

    def test_of_broken_files_tells_each(self, checks: Checks, tmp_path: Path) -> None:
        """File, line and error of each, though one ends its process; a module without DAGs is none of the files."""
        for name, text in BROKEN.items():
            (tmp_path / name).write_text(text)
        findings = checks.of(tmp_path)
        assert {str(mistake) for mistake in findings.mistakes} == TOLD
        assert findings.files == len(BROKEN) - 1
        assert set(findings.dags) == {"same"}

    def test_gives_variables_to_the_files(self, checks: Checks, tmp_path: Path) -> None:
        """A file that reads a variable at each parse is imported where it is given."""
        (tmp_path / "variable.py").write_text(BROKEN["variable.py"])
        assert set(checks.of(tmp_path, AIRFLOW_VAR_STAGE="from_outside").dags) == {"from_outside"}

    def test_obeys_the_folders_ignore_file(self, checks: Checks, tmp_path: Path) -> None:
        """As in Airflow, what .airflowignore names is not imported."""
        (tmp_path / ".airflowignore").write_text("module.py\n")
        for name in ("module.py", "first.py"):
            (tmp_path / name).write_text(BROKEN[name])
        findings = checks.of(tmp_path)
        assert (findings.files, findings.mistakes) == (1, ())
