"""Installs what the project needs into the checkout, and nothing where that is there already.

Three steps, each into a folder of its own: pipenv (`.tools/pipenv`), the locked Python packages with Node.js among
them (`.venv`), cdktf-cli (`node_modules`); more for who tests, by argument: `checkov`, `airflow` (Airflow itself),
`airflow-3.2.2` (the oldest that is supported), `cdktn` (CDK Terrain), each into `.tools/<argument>`, and as
`airflow-<version>` any other that the index has. A folder that is complete holds a stamp with the digest of what it was
made from; a step runs where the stamp is missing or another. So an interrupted set-up goes on where it stopped, and a
changed lock file or Python, or a checkout that was moved, is noticed.

Run by `make` as `python -m tooling.install` with the Python that `prerequisites.sh` found, with the arguments that the
target needs; needs nothing but Python's standard library.
"""

import programs  # noqa: F401  # first: the last resort

# isort: split

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tooling.progress import run_logged

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
PIPENV = TOOLS / "pipenv"
CHECKOV = TOOLS / "checkov"
AIRFLOW = TOOLS / "airflow"
OLDEST_AIRFLOW = TOOLS / "airflow-3.2.2"
CDKTN = TOOLS / "cdktn"
VENV = ROOT / ".venv"
NODE_MODULES = ROOT / "node_modules"
STAMP = ".complete"
LOG = TOOLS / "setup.log"
#: What locks Airflow, and installs one that is not locked.
UV_REQUIREMENT = "uv==0.13.9"
#: The providers that Airflow's image brings and we use.
AIRFLOW_PROVIDERS = ("amazon", "celery", "fab", "postgres", "standard")


@dataclass(frozen=True, kw_only=True)
class Step:
    """One folder of the set-up and how it is made."""

    folder: Path
    title: str
    made_from: tuple[Path, ...]
    make: Callable[[], None]

    def digest(self) -> str:
        """What the folder depends on, as one number: the files it is made from, this Python, the checkout's place."""
        digest = hashlib.sha256(f"{ROOT}\n{python_line(sys.version)}\n".encode())
        for path in self.made_from:
            digest.update(path.read_bytes())
        return digest.hexdigest()

    def is_complete(self) -> bool:
        """Whether the folder was finished from exactly these inputs."""
        stamp = self.folder / STAMP
        return stamp.is_file() and stamp.read_text() == self.digest()


def python_line(version: str) -> str:
    """`3.11` for `3.11.7 (main, ...)`: what an environment must share with the Python that it was made by."""
    major, minor, *_ = version.split(".")
    return f"{major}.{minor}"


def environment() -> dict[str, str]:
    """The caller's environment, with what would lead pip, pipenv or npm out of the checkout overruled."""
    return os.environ | {
        "PATH": f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PIPENV_PIPFILE": str(ROOT / "Pipfile"),
        "PIPENV_VENV_IN_PROJECT": "1",
        "PIPENV_IGNORE_VIRTUALENVS": "1",
        "PIPENV_NOSPIN": "1",
        "PIPENV_YES": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_USER": "0",
        # pip reads it as "whether to compile": what nobody imports is half of the time and 340 MB; see `compile_used`.
        "PIP_NO_COMPILE": "0",
        "PYTHONDONTWRITEBYTECODE": "",
    }


def run(*command: str | Path, count: Callable[[], str] | None = None) -> None:
    """Runs a step's command with progress; its output goes to a log, whose end is shown if it fails."""
    run_logged(command, cwd=ROOT, env=environment(), log=LOG, count=count)


def virtual_environment(folder: Path) -> None:
    """Makes a virtual environment, anew where another Python, another place or an interruption left one."""
    if folder.exists() and not is_usable(folder):
        print(
            f"  {folder.relative_to(ROOT)}/ is of another Python or place, or unfinished: it is made anew", flush=True
        )
        shutil.rmtree(folder)
    if not folder.exists():
        run(sys.executable, "-m", "venv", folder)


def is_usable(folder: Path) -> bool:
    """Whether the environment runs, has a pip, is of this Python and was made at this place.

    The place counts because the scripts of an environment hold its absolute path.
    """
    python, pip = folder / "bin" / "python", folder / "bin" / "pip"
    if not (python.exists() and pip.exists()) or f"{folder}/" not in pip.read_text(errors="replace"):
        return False
    probe = [str(python), "-c", "import sys, pip; print(sys.version)"]
    answer = subprocess.run(probe, capture_output=True, text=True, check=False)
    return answer.returncode == 0 and python_line(answer.stdout) == python_line(sys.version)


def installed(folder: Path) -> str:
    """How many packages a virtual environment has got so far, as progress says it."""
    return f"{sum(1 for _ in folder.glob('lib/python*/site-packages/*.dist-info'))} packages"


def compile_used(folder: Path) -> None:
    """Compiles what was installed, on all cores, but for the provider packages: of these little is ever imported.

    What can't be compiled is left to who imports it, as pip does.
    """
    files = f"compile_dir({str(folder / 'lib')!r}, quiet=2, workers=0, rx=re.compile('cdkt(f_cdktf|n)_provider_'))"
    run(folder / "bin" / "python", "-c", f"import compileall, re; compileall.{files}")


def make_tool(folder: Path, requirements: Path) -> None:
    """Installs a tool into an environment of its own, exact and by hash.

    The file names all that the tool needs, so pip has nothing to resolve; asked to, it would weigh every version there
    is of what Airflow needs, and find that most of them have no hash.
    """
    virtual_environment(folder)
    pip = (folder / "bin" / "python", "-m", "pip", "install", "--no-deps", "--require-hashes", "--requirement")
    run(*pip, requirements, count=lambda: installed(folder))
    compile_used(folder)


def make_airflow(folder: Path, version: str) -> None:
    """Installs an Airflow and its newest providers, by uv: pip weighs more versions than it comes to an end of."""
    virtual_environment(folder)
    python = folder / "bin" / "python"
    run(python, "-m", "pip", "install", UV_REQUIREMENT)
    wanted = (f"apache-airflow=={version}", *(f"apache-airflow-providers-{name}" for name in AIRFLOW_PROVIDERS))
    run(folder / "bin" / "uv", "pip", "install", "--no-config", "--python", python, *wanted)


def make_venv() -> None:
    """Installs the packages of Pipfile.lock, and removes what is not in it."""
    virtual_environment(VENV)
    run(PIPENV / "bin" / "python", "-m", "pipenv", "sync", "--dev", count=lambda: installed(VENV))
    run(PIPENV / "bin" / "python", "-m", "pipenv", "clean")
    compile_used(VENV)
    run(VENV / "bin" / "python", "-c", "import main")  # makes the reduced packages of the providers, and compiles them


def make_node_modules() -> None:
    """Installs the packages of package-lock.json with the Node.js of the virtual environment."""
    run(VENV / "bin" / "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier")


def tool(folder: Path) -> Step:
    """The step that installs the tool of `tooling/<name>.txt`."""
    requirements = ROOT / "tooling" / f"{folder.name}.txt"
    return Step(
        folder=folder,
        title=folder.name,
        made_from=(requirements,),
        make=lambda: make_tool(folder, requirements),
    )


STEPS = (
    tool(PIPENV),
    Step(folder=VENV, title="Python packages", made_from=(ROOT / "Pipfile.lock",), make=make_venv),
    Step(folder=NODE_MODULES, title="cdktf-cli", made_from=(ROOT / "package-lock.json",), make=make_node_modules),
)

#: What only some targets need, by the name that they ask for it.
EXTRA_STEPS = {folder.name: tool(folder) for folder in (CHECKOV, AIRFLOW, OLDEST_AIRFLOW, CDKTN)}


def another_airflow(version: str) -> Path:
    """Where an Airflow of another version than the default one is installed."""
    return TOOLS / f"airflow-{version}"


def extra_step(name: str) -> Step:
    """The step of that name: a locked one, or `airflow-<version>` with all that it needs as new as the index has it."""
    version = name.removeprefix(f"{AIRFLOW.name}-")
    if name in EXTRA_STEPS or version == name:
        return EXTRA_STEPS[name]
    folder = another_airflow(version)
    return Step(folder=folder, title=f"{name}, not locked", made_from=(), make=lambda: make_airflow(folder, version))


@contextmanager
def alone() -> Iterator[None]:
    """Lets one set-up of this checkout run at a time; a second one waits, and then finds its work done."""
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another set-up of this checkout is running: waiting for it.", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def install(extras: Sequence[str] = ()) -> None:
    """Does the steps that are not complete, in order; of the extra ones those that are named."""
    steps = (*STEPS, *(extra_step(name) for name in extras))
    if all(step.is_complete() for step in steps):
        return
    started = time.monotonic()
    with alone():
        # Another set-up may have done some of them while this one waited.
        due = [step for step in steps if not step.is_complete()]
        LOG.unlink(missing_ok=True)
        for step in due:
            number = steps.index(step) + 1
            print(f"Set-up {number} of {len(steps)}: {step.title} into {step.folder.relative_to(ROOT)}/", flush=True)
            (step.folder / STAMP).unlink(missing_ok=True)
            step.make()
            (step.folder / STAMP).write_text(step.digest())
    if due:
        print(f"Set-up complete after {time.monotonic() - started:.0f} s.", flush=True)


if __name__ == "__main__":
    try:
        install(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit("\nSet-up interrupted; the next `make` goes on from here.")
    except subprocess.CalledProcessError as failure:
        sys.exit(f"Set-up stopped at: {failure.cmd}\nThe whole log is {LOG}; the next `make` tries again.")
    except OSError as error:
        sys.exit(f"Set-up stopped: {error}\nThe next `make` tries again.")
