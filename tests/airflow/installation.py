"""Airflow in the environment that `make test` installs for it, told what to use by environment variables."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from constructs.airflow.jobs.commands import JOB_ENVIRONMENT

from tests.airflow.servers import MissingProgramError
from tooling.install import AIRFLOW, OLDEST_AIRFLOW, another_airflow
from tooling.virtual_environments import ROOT

VERSION = os.environ.get("AIRFLOW_VERSION")
#: Of the Airflow that these tests are about: the default of environment files, or the one that AIRFLOW_VERSION names.
PROGRAMS = (another_airflow(VERSION) if VERSION else AIRFLOW) / "bin"
#: Of the oldest that an environment file may name.
OLDEST_PROGRAMS = OLDEST_AIRFLOW / "bin"
DAGS = ROOT / "dags"
#: DAGs that a test can keep at work until it wants them to end.
WAITING_DAG = ROOT / "tests" / "airflow" / "dags" / "waiting.py"


def fernet_key(word: str) -> str:
    """Return a key as Terraform makes them: the Base64 of 32 letters."""
    return base64.b64encode((word * 32)[:32].encode()).decode()


FERNET_KEY = fernet_key("one")


def synchronous_driver(programs: Path = PROGRAMS) -> str:
    """Return what an Airflow opens `postgresql://` with: SQLAlchemy decides, psycopg 3 from its version 2.1 on."""
    code = "from sqlalchemy import make_url; print(make_url('postgresql://').get_dialect().driver)"
    return subprocess.run([programs / "python", "-c", code], capture_output=True, text=True, check=True).stdout.strip()


@dataclass(frozen=True)
class Airflow:
    """One installation: a home of its own, a database, and nothing of the machine's environment but PATH."""

    home: Path
    environment: Mapping[str, str]

    @classmethod
    def installed(cls, home: Path, programs: Path = PROGRAMS, **environment: str) -> Airflow:
        """Return Airflow with a home in the given folder.

        Raises:
            MissingProgramError: it is not installed.
        """
        if not (programs / "airflow").exists():
            folder = programs.parent.relative_to(ROOT)
            raise MissingProgramError(f"Airflow is not installed in {folder}/: `make test` installs it.")
        settings = {
            "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__CORE__AUTH_MANAGER": JOB_ENVIRONMENT["AIRFLOW__CORE__AUTH_MANAGER"],
            "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__FERNET_KEY": FERNET_KEY,
            "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
        }
        return cls(home, settings | environment)

    def with_(self, **environment: str) -> Airflow:
        """Return the same installation with further variables."""
        return replace(self, environment={**self.environment, **environment})

    def run(self, *command: str, timeout: float = 900) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; never asked anything, as it has no terminal."""
        return subprocess.run(
            command,
            env=dict(self.environment),
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            start_new_session=True,
        )

    def python(self, code: str, timeout: float = 900) -> Any:
        """Run code in Airflow's Python; return what it leaves in `answer`, which JSON can hold."""
        program = f"{code}\nimport json\nprint('\\nanswer:' + json.dumps(answer), flush=True)"
        result = self.run("python", "-c", program, timeout=timeout)
        assert result.returncode == 0, f"{result.stdout}\n{result.stderr}"
        return json.loads(result.stdout.rpartition("\nanswer:")[2].splitlines()[0])
