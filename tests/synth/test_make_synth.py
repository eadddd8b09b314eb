"""`make synth`: what people see of it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from main import ROOT


def test_says_what_it_does_where_the_json_is_and_what_comes_next(tmp_path: Path) -> None:
    """First which file is synthesized, on stderr; at the end both stacks' files and the commands that follow."""
    environ = {name: text for name, text in os.environ.items() if not name.startswith(("AIRFLOW_", "MAKE"))}
    done = subprocess.run(
        ["make", "--no-print-directory", "--assume-old=setup", "synth"],  # nothing is installed
        cwd=ROOT,
        env={**environ, "AIRFLOW_ENV": "prod", "CDKTF_OUTDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    where, following = done.stdout.splitlines()
    written = [f"{tmp_path}/stacks/{stack}/cdk.tf.json" for stack in ("infrastructure", "platform")]
    assert where == f"Terraform JSON of environments/prod.yaml: {' and '.join(written)}"
    assert all(Path(path).is_file() for path in written)
    assert following == (
        "Next: AIRFLOW_ENV=prod make ops COMMAND=preflight says whether a deploy can succeed; then AIRFLOW_ENV=prod "
        "make deploy"
    )
    assert done.stderr.startswith("... synthesizing environments/prod.yaml\n")
