"""An Airflow of the environment's version on this machine, as its image has it: by Airflow's constraints."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ops.console.errors import OperationError

#: The versions that the official image of a tag is built with; https://airflow.apache.org/docs/docker-stack/build.html
CONSTRAINTS = "https://raw.githubusercontent.com/apache/airflow/constraints-{version}/constraints-{python}.txt"
#: Of the providers that its image has, those that Airflow runs with here.
PROVIDERS = ("amazon", "celery", "fab", "git", "postgres", "standard")
STAMP = ".complete"


@dataclass(frozen=True, kw_only=True)
class Installation:
    """A folder with Airflow and the packages of a requirements file."""

    root: Path
    version: str
    requirements: Path | None = None
    constraints: str = ""
    """File or URL; empty: Airflow's own."""

    @property
    def folder(self) -> Path:
        """Where it is: one for each version, below the checkout's tools."""
        return self.root / ".tools" / f"airflow-{self.version}-for-dags"

    @property
    def python(self) -> Path:
        """Its Python."""
        return self.folder / "bin" / "python"

    def commands(self) -> Iterator[tuple[str, ...]]:
        """Return how it is made: pip weighs more versions than it comes to an end of, so uv installs."""
        python = f"{sys.version_info.major}.{sys.version_info.minor}"
        constraints = self.constraints or CONSTRAINTS.format(version=self.version, python=python)
        bound = ("--constraint", constraints)
        packages = (f"apache-airflow=={self.version}", *(f"apache-airflow-providers-{name}" for name in PROVIDERS))
        more = ("--requirement", str(self.requirements)) if self.requirements else ()
        yield (sys.executable, "-m", "venv", str(self.folder))
        yield (str(self.python), "-m", "pip", "install", "--quiet", *bound, "uv")
        uv = (str(self.folder / "bin" / "uv"), "pip", "install", "--quiet", "--python", str(self.python))
        yield (*uv, *bound, *packages, *more)

    def make(self, environ: Mapping[str, str]) -> None:
        """Make it, unless it is complete and made from the same.

        Raises:
            OperationError: a step failed; says which, and how it ended.
        """
        if self._is_complete():
            return
        shutil.rmtree(self.folder, ignore_errors=True)
        for command in self.commands():
            done = subprocess.run(command, env=dict(environ), capture_output=True, text=True, check=False)
            if done.returncode:
                said = "\n".join((done.stderr or done.stdout).strip().splitlines()[-8:])
                raise OperationError(
                    f"Airflow {self.version} could not be installed: {' '.join(command[:4])} ...\n{said}",
                    fix="with a network that has no way to GitHub: --constraints FILE, Airflow's constraints of "
                    f"{self.version}; or an Airflow that is there: --python PATH",
                )
        (self.folder / STAMP).write_text(self._digest())

    def _is_complete(self) -> bool:
        stamp = self.folder / STAMP
        return stamp.is_file() and stamp.read_text() == self._digest()

    def _digest(self) -> str:
        """What it is made from, as one number."""
        digest = hashlib.sha256(repr([*self.commands()]).encode())
        for file in (self.requirements, Path(self.constraints) if self.constraints else None):
            if file and file.is_file():
                digest.update(file.read_bytes())
        return digest.hexdigest()
