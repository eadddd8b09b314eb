"""The checkout's virtual environments, and the commands by which set-up fills its folders."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tooling.progress import run_logged

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
VENV = ROOT / ".venv"


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


def log_of(folder: Path) -> Path:
    """Where the output of the step that makes `folder` is kept."""
    return TOOLS / f"setup-{folder.name.lstrip('.')}.log"


def run(*command: str | Path, into: Path, count: Callable[[], str] | None = None) -> None:
    """Runs a command of the step that makes the folder `into`, with progress; its output goes to the step's log.

    Raises:
        subprocess.CalledProcessError: it failed; the end of its output has been printed.
    """

    def said() -> str:
        return f"{into.name}: {count()}" if count else into.name

    run_logged(command, cwd=ROOT, env=environment(), log=log_of(into), count=said)


def virtual_environment(folder: Path) -> None:
    """Makes a virtual environment, anew where another Python, another place or an interruption left one."""
    if folder.exists() and not is_usable(folder):
        print(
            f"  {folder.relative_to(ROOT)}/ is of another Python or place, or unfinished: it is made anew", flush=True
        )
        shutil.rmtree(folder)
    if not folder.exists():
        run(sys.executable, "-m", "venv", folder, into=folder)


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
    run(folder / "bin" / "python", "-c", f"import compileall, re; compileall.{files}", into=folder)
