"""The small app, run in its own process for one way of importing the provider packages."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[2]


@dataclass(frozen=True)
class Run:
    """What one run of the small app left behind."""

    json_files: dict[str, bytes]  #: path below the output folder -> content, of everything that was synthesized
    facts: dict[str, object]  #: what the app says about its process
    node: list[dict[str, object]]  #: what `records_node_modules.cjs` recorded, one per Node process
    stderr: str

    @property
    def loaded_by_node(self) -> set[str]:
        """The files of provider packages that jsii's kernel has loaded, as `<package>/<path>`."""
        files: set[str] = set()
        for record in self.node:
            loaded = record["loaded"]
            assert isinstance(loaded, list)
            files.update(str(file).rpartition("@cdktf/")[2] for file in loaded)
        return files


def in_own_process(
    *arguments: str, folder: Path, root: Path = ROOT, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Runs Python with our code from `root` and the environment's own Node, without the caller's NODE_OPTIONS."""
    inherited = {name: value for name, value in os.environ.items() if name not in {"AIRFLOW_BINDINGS", "NODE_OPTIONS"}}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=inherited | {"PATH": path, "PYTHONPATH": str(root)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def run_app(folder: Path, mode: str | None = None, root: Path = ROOT, environments: Path | None = None) -> Run:
    """Runs the small app in `folder`, importing our code from `root`; `mode` is AIRFLOW_BINDINGS.

    With `environments` its process then synthesizes the shipped environments into that folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    records = folder / "records"
    records.mkdir()
    users_own = shutil.copy(HERE / "records_node_modules.cjs", folder / "the user's own.cjs")
    environment = {"RECORDS": str(records), "NODE_OPTIONS": f'--stack-trace-limit=7 --require="{users_own}"'}
    if mode is not None:
        environment["AIRFLOW_BINDINGS"] = mode
    outputs = ("out", str(environments)) if environments else ("out",)
    done = in_own_process(str(HERE / "app.py"), *outputs, folder=folder, root=root, **environment)
    assert done.returncode == 0, done.stderr
    out = folder / "out"
    return Run(
        json_files={str(file.relative_to(out)): file.read_bytes() for file in out.rglob("*") if file.is_file()},
        facts=json.loads(done.stdout),
        node=[json.loads(record.read_text()) for record in records.iterdir()],
        stderr=done.stderr,
    )
