"""Where DAG files are imported: in the environment's image, or in an Airflow of the same version on this machine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from constructs.settings.environment import Environment
from constructs.settings.sections.airflow.dags import IMAGE_FOLDER

from ops.console.errors import OperationError
from ops.console.exit_codes import ExitCode
from ops.environment.scratch_folder import scratch_folder

PROGRAM = Path(__file__).with_name("inside.py")
#: Variables and connections that DAG files read while they are parsed: given to the check by their names in Airflow.
GIVEN = ("AIRFLOW_VAR_", "AIRFLOW_CONN_")
SECONDS = 30


@dataclass(frozen=True, kw_only=True)
class Place:
    """A Python that has Airflow, and how it is started."""

    words: str
    command: tuple[str, ...]
    """Reads its program from standard input; the folder's name in there comes last."""

    environ: Mapping[str, str]
    lacks: str
    """What to do where a package is missing there."""

    def run(self) -> dict[str, Any]:
        """Import the files; return the document of `inside.py`.

        Raises:
            OperationError: nothing was imported; says what stopped it.
        """
        with scratch_folder() as home, PROGRAM.open() as program:
            done = subprocess.run(
                self.command,
                env={**self.environ, "AIRFLOW_HOME": str(home)},
                stdin=program,
                capture_output=True,
                text=True,
                check=False,
            )
        try:
            document: dict[str, Any] = json.loads(done.stdout)
        except ValueError:
            said = "\n".join(done.stderr.strip().splitlines()[-5:])
            end = f"{self.command[0]} ended with code {done.returncode}.\n{said}"
            raise OperationError(
                f"No DAG file was imported in {self.words}: {end}",
                fix=self.lacks,
            ) from None
        return document


def docker_answers(environ: Mapping[str, str]) -> bool:
    """Whether there is a Docker that starts containers: the program, and its daemon."""
    docker = shutil.which("docker", path=environ.get("PATH"))
    if not docker:
        return False
    try:
        asked = subprocess.run(
            [docker, "version"], env=dict(environ), capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    return asked.returncode == 0


def in_image(environment: Environment, folder: Path, environ: Mapping[str, str]) -> Place:
    """Return the environment's image, in Docker, with the folder where the image has its DAGs."""
    image = environment.airflow.image_reference
    # By name alone: Docker takes their values from its own environment, and no list of processes shows them.
    given = [word for name in sorted(environ) if name.startswith(GIVEN) for word in ("--env", name)]
    run = ("docker", "run", "--rm", "--interactive")
    mount = ("--mount", f"type=bind,source={folder},target={IMAGE_FOLDER},readonly")
    return Place(
        words=f"the image {image}",
        command=(*run, *mount, *given, "--entrypoint", "python", image, "-", IMAGE_FOLDER),
        environ=environ,
        lacks="a registry of one's own wants docker login before; --without-docker takes an environment of Python",
    )


def in_python(python: Path, folder: Path, environ: Mapping[str, str], *, lacks: str) -> Place:
    """Return a Python of this machine; of the caller's variables it gets PATH, language and those for DAGs.

    Raises:
        OperationError: there is no such program.
    """
    if not os.access(python, os.X_OK):
        raise OperationError(
            f"There is no Python at {python}.",
            fix="name the Python of an environment that has Airflow, such as .venv/bin/python",
            exit_code=ExitCode.MISTAKE,
        )
    kept = {name: value for name, value in environ.items() if name.startswith((*GIVEN, "LANG", "LC_", "TZ"))}
    path = f"{python.parent}{os.pathsep}{environ.get('PATH', os.defpath)}"
    return Place(
        words=str(python), command=(str(python), "-", str(folder)), environ={**kept, "PATH": path}, lacks=lacks
    )
