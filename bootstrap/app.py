"""`python -m bootstrap.app`: the stack as Terraform JSON in `cdktf.out/<name>.bootstrap` (CDKTF_OUTDIR: elsewhere).

BOOTSTRAP_LOCAL_STATE names the file of its state, as long as the bucket for it isn't there; without it the state is in
the bucket. `python -m bootstrap` does the one and then the other.
"""

from __future__ import annotations

import programs  # noqa: F401  # first: imports of constructs start Node.js

# isort: split

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import constructs.bindings  # noqa: F401  # first: it makes the provider packages that the stack imports cheap
from cdktf import LocalBackend
from constructs.checks.proofs import ProofError, prove
from constructs.naming.names import BOOTSTRAP
from constructs.providers.lock_file import LockFileError, locked
from constructs.settings.document.problems import EnvironmentFileError
from constructs.settings.environment import Environment
from constructs.settings.loading.environment_file import load_environment
from constructs.settings.loading.selection import environment_file
from constructs.stacks.app import new_app
from constructs.stacks.backend import configure_backend
from constructs.stacks.bootstrap import BootstrapStack
from constructs.stacks.output_folder import OutputFolderError, claim, output_folder

from bootstrap.section import NotDeliveredError, section

ROOT = Path(__file__).resolve().parents[1]


def synthesize(environment: Environment, outdir: Path, local_state: Path | None = None) -> None:
    """Write the stack as Terraform JSON into `outdir`/stacks/bootstrap and prove what must hold of it.

    Its state is in the environment's bucket, or in `local_state`.

    Raises:
        NotDeliveredError: the file has no section `delivery`.
    """
    delivery = section(environment)
    claim(outdir, environment.name)
    app = new_app(outdir)
    stack = BootstrapStack(app, environment, delivery)
    if local_state:
        LocalBackend(stack, path=os.path.relpath(local_state, outdir / "stacks" / BOOTSTRAP))
    else:
        configure_backend(stack, environment, ROOT, outdir)
    app.synth()
    prove(outdir)


def main(environ: Mapping[str, str] = os.environ) -> int:
    """Synthesize for the environment that AIRFLOW_ENV or AIRFLOW_ENV_FILE names; return the exit code."""
    try:
        environment_path = environment_file(environ, ROOT)
        environment = load_environment(environment_path)
        outdir = output_folder(environ, f"{environment.name}.{BOOTSTRAP}", ROOT)
        file = environ.get("BOOTSTRAP_LOCAL_STATE")
        providers = locked(environment_path, [BOOTSTRAP], environment.providers.model_dump())
        synthesize(environment, outdir, Path(file).resolve() if file else None)
        for each in providers:
            each.place(outdir)
    except (EnvironmentFileError, LockFileError, OutputFolderError, NotDeliveredError) as mistake:
        print(mistake, file=sys.stderr)
        return 2
    except ProofError as defect:
        print(defect, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
