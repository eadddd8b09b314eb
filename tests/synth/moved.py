"""The program on CDK Terrain: a copy of it with all that the move changes, synthesized by an environment of its own.

docs/decisions/0027-cdk-terrain.md says the same in words.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from tooling.install import CDKTN
from tooling.virtual_environments import ROOT, VENV

#: What the program is, for a synth.
PROGRAM = ("main.py", "constructs", "programs", "environments", "helm")

#: The renames: of every import, and of the prefix by which `constructs/bindings/` knows the packages.
RENAMES = ((r"cdktf_cdktf_provider_", "cdktn_provider_"), (r"^(from|import) cdktf(?= )", r"\1 cdktn"))

#: The one place that the binding of another provider version wants written otherwise: file, text, text after the move.
EDITS = ((Path("constructs", "airflow", "namespace.py"), "    return metadata\n", "    return [metadata]\n"),)

#: The rest of what the program needs is the checkout's own, looked for after CDK Terrain's environment.
_RUN = """
import runpy, sys
sys.path.append(sys.argv[1])
sys.argv = ["main.py"]
runpy.run_path("main.py", run_name="__main__")
"""


def moved_program(folder: Path) -> Path:
    """Make a copy of the program in `folder`, moved to CDK Terrain; return `folder`.

    Raises:
        ValueError: an edit fits nowhere, or more than once.
    """
    folder.mkdir(parents=True)
    for part in PROGRAM:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / part, folder / part)
    for file in folder.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        for pattern, name in RENAMES:
            text = re.sub(pattern, name, text, flags=re.MULTILINE)
        file.write_text(text, encoding="utf-8")
    for place, before, after in EDITS:
        text = (folder / place).read_text(encoding="utf-8")
        if text.count(before) != 1:
            raise ValueError(f"{place} has {before!r} {text.count(before)} times; the move edits it once")
        (folder / place).write_text(text.replace(before, after), encoding="utf-8")
    return folder


def synthesize_moved(program: Path, environment: str, outdir: Path) -> subprocess.CompletedProcess[str]:
    """Synthesize an environment with the copy; the JSON is in `outdir`."""
    [packages] = (VENV / "lib").glob("python*/site-packages")
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("AIRFLOW_")}
    return subprocess.run(
        [CDKTN / "bin" / "python", "-c", _RUN, packages],
        cwd=program,
        env={**inherited, "AIRFLOW_ENV": environment, "CDKTF_OUTDIR": str(outdir), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
