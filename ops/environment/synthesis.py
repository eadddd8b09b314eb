"""The stacks, synthesized as `make synth` does it."""

from __future__ import annotations

import shutil
import subprocess
import sys

from ops.console.errors import OperationError
from ops.console.exit_codes import ExitCode
from ops.environment.operated import OperatedEnvironment

#: What is said to be going on meanwhile.
SYNTHESIZING = "synthesizing the stacks"


def synthesize(operated: OperatedEnvironment) -> str:
    """Write both stacks below the output folder; return the warnings that were printed.

    A process of its own, as jsii keeps a Node.js process for as long as ours would live.

    Raises:
        OperationError: the environment file or the program has a mistake, or there is no Node.js.
    """
    if not shutil.which("node", path=operated.environ.get("PATH")):
        raise OperationError(
            "Node.js is not on PATH; the stacks are synthesized with it.",
            fix="make setup installs it into the checkout",
            exit_code=ExitCode.MISTAKE,
        )
    variables = {
        **operated.environ,
        "AIRFLOW_ENV_FILE": str(operated.file),
        "CDKTF_OUTDIR": str(operated.outdir),
    }
    done = subprocess.run(
        [sys.executable, "main.py"],
        cwd=operated.root,
        env=variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        code = ExitCode.MISTAKE if done.returncode == ExitCode.MISTAKE else ExitCode.FAILED
        raise OperationError((done.stderr or done.stdout).strip(), exit_code=code)
    return done.stderr.strip()
