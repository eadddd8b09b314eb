"""Installs what the project needs into the checkout, and nothing where that is there already.

Three steps, each into a folder of its own: pipenv (`.tools/pipenv`), the locked Python packages with Node.js among
them (`.venv`), cdktf-cli (`node_modules`); more for who tests, by argument: `checkov`, `airflow` (Airflow itself),
`airflow-3.2.2` (the oldest that is supported), `cdktn` (CDK Terrain), `mkdocs` (the site of the documents), each into
`.tools/<argument>`, and as `airflow-<version>` any other that the index has. The latter need nothing of each other and
are made two at a time.

A folder that is complete holds a stamp with the digest of what it was made from; a step runs where the stamp is missing
or another. So an interrupted set-up goes on where it stopped, and a changed lock file or Python, or a checkout that was
moved, is noticed.

Run by `make` as `python -m tooling.install` with the Python that `prerequisites.sh` found, with the arguments that the
target needs; needs nothing but Python's standard library.
"""

import programs  # noqa: F401  # first: the last resort

# isort: split

import fcntl
import hashlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tooling.virtual_environments import (
    ROOT,
    TOOLS,
    VENV,
    compile_used,
    installed,
    log_of,
    python_line,
    run,
    virtual_environment,
)

PIPENV = TOOLS / "pipenv"
CHECKOV = TOOLS / "checkov"
AIRFLOW = TOOLS / "airflow"
OLDEST_AIRFLOW = TOOLS / "airflow-3.2.2"
CDKTN = TOOLS / "cdktn"
MKDOCS = TOOLS / "mkdocs"
NODE_MODULES = ROOT / "node_modules"
STAMP = ".complete"
#: Extra steps side by side: each waits for the network, then for a core.
AT_ONCE = 2
#: What locks Airflow, and installs one that is not locked.
UV_REQUIREMENT = "uv==0.13.9"
#: The providers that Airflow's image brings and we use.
AIRFLOW_PROVIDERS = ("amazon", "celery", "fab", "git", "postgres", "standard")
#: Of the extras that its image has, the one with authlib: what people sign in by at the company's provider.
AIRFLOW_EXTRA = "google-auth"
#: That provider, for tests/airflow: it needs authlib, too. 0.4 would bring five packages more on Python 3.12.
OIDC_PROVIDER = "oidc-provider-mock==0.3.4"


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


def make_tool(folder: Path, requirements: Path) -> None:
    """Installs a tool into an environment of its own, exact and by hash.

    The file names all that the tool needs, so pip has nothing to resolve; asked to, it would weigh every version there
    is of what Airflow needs, and find that most of them have no hash.
    """
    virtual_environment(folder)
    pip = (folder / "bin" / "python", "-m", "pip", "install", "--no-deps", "--require-hashes", "--requirement")
    run(*pip, requirements, into=folder, count=lambda: installed(folder))
    compile_used(folder)


def airflow_requirements(version: str) -> tuple[str, ...]:
    """What is installed where an Airflow is tested."""
    providers = (f"apache-airflow-providers-{name}" for name in AIRFLOW_PROVIDERS)
    return (f"apache-airflow[{AIRFLOW_EXTRA}]=={version}", *providers, OIDC_PROVIDER)


def make_airflow(folder: Path, version: str) -> None:
    """Installs an Airflow and its newest providers, by uv: pip weighs more versions than it comes to an end of."""
    virtual_environment(folder)
    python = folder / "bin" / "python"
    run(python, "-m", "pip", "install", UV_REQUIREMENT, into=folder)
    uv = (folder / "bin" / "uv", "pip", "install", "--no-config", "--python", python)
    run(*uv, *airflow_requirements(version), into=folder)


def make_venv() -> None:
    """Installs the packages of Pipfile.lock, and removes what is not in it."""
    virtual_environment(VENV)
    run(PIPENV / "bin" / "python", "-m", "pipenv", "sync", "--dev", into=VENV, count=lambda: installed(VENV))
    run(PIPENV / "bin" / "python", "-m", "pipenv", "clean", into=VENV)
    compile_used(VENV)
    # Makes the reduced packages of the providers, and compiles them.
    run(VENV / "bin" / "python", "-c", "import main", into=VENV)


def make_node_modules() -> None:
    """Installs the packages of package-lock.json with the Node.js of the virtual environment."""
    npm = (VENV / "bin" / "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier")
    run(*npm, into=NODE_MODULES)


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
EXTRA_STEPS = {folder.name: tool(folder) for folder in (CHECKOV, AIRFLOW, OLDEST_AIRFLOW, CDKTN, MKDOCS)}


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


def make(step: Step, place: str) -> None:
    """Does a step from its beginning, the one of `place` among all, and stamps its folder at the end."""
    print(f"Set-up {place}: {step.title} into {step.folder.relative_to(ROOT)}/", flush=True)
    log_of(step.folder).unlink(missing_ok=True)
    (step.folder / STAMP).unlink(missing_ok=True)
    step.make()
    (step.folder / STAMP).write_text(step.digest())


def make_at_once(steps: Sequence[tuple[Step, str]]) -> None:
    """Does steps that need nothing of each other; after one that fails, or Ctrl-C, none is begun any more."""
    waiting = list(steps)
    following = iter(waiting)

    def make_some() -> None:
        for step, place in following:
            try:
                make(step, place)
            except BaseException:
                waiting.clear()
                raise

    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            for made in [pool.submit(make_some) for _ in range(AT_ONCE)]:
                made.result()
        finally:
            waiting.clear()


def install(extras: Sequence[str] = ()) -> None:
    """Does the steps that are not complete, in order; of the extra ones those that are named, two at a time."""
    steps = (*STEPS, *(extra_step(name) for name in extras))
    if all(step.is_complete() for step in steps):
        return
    started = time.monotonic()
    with alone():
        # Another set-up may have done some of them while this one waited.
        due = [(step, f"{number} of {len(steps)}") for number, step in enumerate(steps, 1) if not step.is_complete()]
        for step, place in due:
            if step in STEPS:
                make(step, place)
        make_at_once([(step, place) for step, place in due if step not in STEPS])
    if due:
        print(f"Set-up complete after {time.monotonic() - started:.0f} s.", flush=True)


if __name__ == "__main__":
    try:
        install(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit("\nSet-up interrupted; the next `make` goes on from here.")
    except subprocess.CalledProcessError as failure:
        sys.exit(
            f"Set-up stopped at: {failure.cmd}\nThe whole log is in {TOOLS}/setup-*.log; the next `make` tries again."
        )
    except OSError as error:
        sys.exit(f"Set-up stopped: {error}\nThe next `make` tries again.")
