"""Writes the lock files anew: `tooling/*.txt`, `Pipfile.lock`, `package-lock.json`. Run by `make lock`.

Everything moves to the newest version that Pipfile and package.json allow. The names of package registries that pipenv
and npm write into their locks are stripped: where packages come from is the business of whoever installs them (pip's
and npm's own configuration), what they are is proven by their hashes. Each lock is made in a scratch folder, and all
are moved into place when they are complete.
"""

import programs  # noqa: F401  # first: imports of constructs start Node.js

# isort: split

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tooling.install import AIRFLOW, OLDEST_AIRFLOW, PIPENV, UV_REQUIREMENT, airflow_requirements
from tooling.progress import run_logged
from tooling.virtual_environments import ROOT, TOOLS, VENV, environment

LOG = TOOLS / "lock.log"
#: pipenv's own version.
PIPENV_REQUIREMENT = "pipenv==2026.10.3"
#: checkov pins its packages so tightly that it needs an environment of its own. A newer one has other checks and so
#: other findings: tests/security/checkov_exceptions.yaml goes with it.
CHECKOV_REQUIREMENT = "checkov==3.3.30"
#: What makes the site of the documents.
MKDOCS_REQUIREMENT = "mkdocs-material==9.8.2"
#: The Airflows that the tests run, by the name of their file: the one that environment files have by default, and the
#: oldest that they may have. Each with the day of its release, as its image was made then: nobody tried it with what
#: came later (with SQLAlchemy 2.1, say, `postgresql://` means another driver).
AIRFLOWS = {AIRFLOW.name: ("3.3.2", "2026-09-18"), OLDEST_AIRFLOW.name: ("3.2.2", "2026-06-20")}
#: What the program is tried on for the day that it moves there (docs/decisions/0027-cdk-terrain.md).
CDKTN_REQUIREMENTS = (
    "cdktn==0.24.0",
    "cdktn-provider-aws==25.8.1",
    "cdktn-provider-helm==15.1.0",
    "cdktn-provider-kubernetes==17.1.0",
)
#: The oldest Python that the project supports: what is locked with it installs on newer ones too, not the reverse.
OLDEST_PYTHON = (3, 11)


def strip_pipfile_lock(text: str) -> str:
    """A Pipfile.lock without the index that each package was found at.

    Raises:
        ValueError: a package has no hash, so that nothing would tell what it is.
    """
    lock = json.loads(text)
    lock["_meta"]["sources"] = []
    for section in ("default", "develop"):
        for name, package in lock[section].items():
            package.pop("index", None)
            if not package.get("hashes"):
                message = f"Pipfile.lock: {name} has no hash"
                raise ValueError(message)
    return json.dumps(lock, indent=4, sort_keys=True) + "\n"


def strip_package_lock(text: str) -> str:
    """A package-lock.json without the address of each package; `npm ci` asks the registry that it is configured for.

    Raises:
        ValueError: a package has no integrity, so that nothing would tell what it is.
    """
    lock: dict[str, Any] = json.loads(text)
    for path, package in lock["packages"].items():
        package.pop("resolved", None)
        # The first entry is the project itself; a bundled package is part of the one around it.
        if path and not package.get("integrity") and not package.get("inBundle"):
            message = f"package-lock.json: {path} has no integrity"
            raise ValueError(message)
    return json.dumps(lock, indent=2, ensure_ascii=False) + "\n"


def requirements(title: str, report: dict[str, Any]) -> str:
    """The requirements file, with hashes, of what a `pip install --report` would install.

    Raises:
        ValueError: a package is no wheel for every platform; its hash would be of no use elsewhere.
    """
    lines = []
    for item in report["install"]:
        archive = item["download_info"]["url"].rpartition("/")[2]
        name, version = item["metadata"]["name"], item["metadata"]["version"]
        if not archive.endswith("-none-any.whl"):
            message = f"{name} {version} is {archive}, not a wheel for every platform"
            raise ValueError(message)
        lines.append(f"{name}=={version} --hash=sha256:{item['download_info']['archive_info']['hashes']['sha256']}")
    return f"# {title} and what it needs. Written by `make lock`.\n" + "\n".join(sorted(lines, key=str.lower)) + "\n"


def requirements_of_lock(title: str, text: str) -> str:
    """The requirements file of what a Pipfile.lock holds: exact, with the hashes of every platform's archives.

    Raises:
        ValueError: a package has no hash, so that nothing would tell what it is.
    """
    packages = json.loads(strip_pipfile_lock(text))["default"]
    lines = []
    for name, package in sorted(packages.items()):
        hashes = "".join(f" --hash={digest}" for digest in package["hashes"])
        marker = f" ; {package['markers']}" if "markers" in package else ""
        lines.append(f"{name}{package['version']}{marker}{hashes}")
    return f"# {title} and what it needs. Written by `make lock`.\n" + "\n".join(lines) + "\n"


def requirements_of_uv(title: str, text: str) -> str:
    """The requirements file of what `uv pip compile` wrote, a line for a package.

    Raises:
        ValueError: a package has no hash, so that nothing would tell what it is.
    """
    lines = re.sub(r" \\\n\s*", " ", text).splitlines()
    for line in lines:
        if " --hash=sha256:" not in line:
            message = f"{title}: {line} has no hash"
            raise ValueError(message)
    return f"# {title} and what it needs. Written by `make lock`.\n" + "\n".join(lines) + "\n"


def run(title: str, *command: str | Path, scratch: Path) -> None:
    """Runs one locker in a scratch folder."""
    print(f"Locking {title}", flush=True)
    run_logged(command, cwd=scratch, env=environment() | {"PIPENV_PIPFILE": str(scratch / "Pipfile")}, log=LOG)


def lock_wheels(title: str, wanted: Sequence[str], scratch: Path) -> str:
    """The requirements file of packages that all are wheels for every platform, as are all that they need."""
    report = scratch / "report.json"
    pip = (PIPENV / "bin" / "python", "-m", "pip", "install", "--dry-run", "--ignore-installed", "--report")
    run(title, *pip, report, *wanted, scratch=scratch)
    return requirements(title, json.loads(report.read_text()))


def lock_tool(requirement: str, scratch: Path) -> str:
    """The requirements file of a tool with an environment of its own, by way of a Pipfile.lock in `scratch`."""
    scratch.mkdir()
    name, _, version = requirement.partition("==")
    (scratch / "Pipfile").write_text(f'[packages]\n{name} = "=={version}"\n')
    run(
        name,
        PIPENV / "bin" / "python",
        "-m",
        "pipenv",
        "lock",
        "--python",
        VENV / "bin" / "python",
        scratch=scratch,
    )
    return requirements_of_lock(name, (scratch / "Pipfile.lock").read_text())


def lock_airflow(version: str, day: str, scratch: Path) -> str:
    """The requirements file of an Airflow that the tests run, as of the day of its release."""
    scratch.mkdir()
    (scratch / "airflow.in").write_text("\n".join(airflow_requirements(version)) + "\n")
    run("uv", sys.executable, "-m", "venv", scratch / "uv", scratch=scratch)
    run("uv", scratch / "uv" / "bin" / "python", "-m", "pip", "install", UV_REQUIREMENT, scratch=scratch)
    run(
        f"Airflow {version}",
        *(scratch / "uv" / "bin" / "uv", "pip", "compile", "airflow.in", "--output-file", "airflow.txt"),
        *("--universal", "--python-version", ".".join(map(str, OLDEST_PYTHON)), "--exclude-newer", day),
        *("--generate-hashes", "--no-header", "--no-annotate", "--no-config"),
        scratch=scratch,
    )
    return requirements_of_uv("apache-airflow", (scratch / "airflow.txt").read_text())


def lock(scratch: Path) -> None:
    """Writes all locks, in `scratch` first."""
    pipenv_requirements = lock_wheels("pipenv", (PIPENV_REQUIREMENT,), scratch)
    cdktn_requirements = lock_wheels("CDK Terrain", CDKTN_REQUIREMENTS, scratch)
    shutil.copy(ROOT / "Pipfile", scratch)
    pipenv = (PIPENV / "bin" / "python", "-m", "pipenv")
    run("Python packages", *pipenv, "lock", "--python", VENV / "bin" / "python", scratch=scratch)

    shutil.copy(ROOT / "package.json", scratch)
    npm = (VENV / "bin" / "npm", "install", "--package-lock-only")
    run("cdktf-cli", *npm, "--ignore-scripts", "--no-audit", "--no-fund", scratch=scratch)

    texts = {
        ROOT / "tooling" / "pipenv.txt": pipenv_requirements,
        ROOT / "tooling" / "cdktn.txt": cdktn_requirements,
        ROOT / "tooling" / "checkov.txt": lock_tool(CHECKOV_REQUIREMENT, scratch / "checkov"),
        ROOT / "tooling" / "mkdocs.txt": lock_tool(MKDOCS_REQUIREMENT, scratch / "mkdocs"),
        **{
            ROOT / "tooling" / f"{name}.txt": lock_airflow(*airflow, scratch / name)
            for name, airflow in AIRFLOWS.items()
        },
        ROOT / "Pipfile.lock": strip_pipfile_lock((scratch / "Pipfile.lock").read_text()),
        ROOT / "package-lock.json": strip_package_lock((scratch / "package-lock.json").read_text()),
    }
    for path, text in texts.items():
        new = scratch / "new"
        new.write_text(text)
        new.replace(path)


def main() -> None:
    """Locks, and says what changed.

    Raises:
        SystemExit: this is not the oldest supported Python, or a locker failed.
    """
    if sys.version_info[:2] != OLDEST_PYTHON:
        oldest = ".".join(map(str, OLDEST_PYTHON))
        sys.exit(f"Locks are made with the oldest supported Python: make PYTHON=python{oldest} lock")
    # Beside the set-up, so that moving a file into place is one step.
    with tempfile.TemporaryDirectory(dir=TOOLS, prefix="lock-") as scratch:
        try:
            lock(Path(scratch))
        except subprocess.CalledProcessError as failure:
            sys.exit(f"Locking stopped at: {failure.cmd}\nThe whole log is {LOG}; no lock file was changed.")
        except ValueError as error:
            sys.exit(f"Locking stopped: {error}; no lock file was changed.")
    print("Locked. The next `make` target installs what changed; `git diff` shows it.")


if __name__ == "__main__":
    main()
