"""The whole program: one environment file in, Terraform JSON out."""

from __future__ import annotations

import programs  # noqa: F401  # first: the next import starts Node.js

# isort: split

import os
import sys
from pathlib import Path

import constructs.bindings  # noqa: F401  # first: it makes the provider packages that the stacks import cheap
from constructs.airflow.charts.airflow_chart import ChartError
from constructs.airflow.user_values.file import ComputedValuesError
from constructs.capacity.remarks import remarks
from constructs.checks.proofs import ProofError, prove
from constructs.providers.lock_file import LockFileError, locked
from constructs.settings.document.problems import EnvironmentFileError
from constructs.settings.environment import Environment
from constructs.settings.loading.environment_file import load_environment
from constructs.settings.loading.selection import environment_file
from constructs.settings.loading.warnings import warnings
from constructs.stacks.app import new_app
from constructs.stacks.backend import configure_backend, read_state
from constructs.stacks.infrastructure import NAME as INFRASTRUCTURE
from constructs.stacks.infrastructure import InfrastructureStack
from constructs.stacks.output_folder import OutputFolderError, claim, output_folder
from constructs.stacks.platform import NAME as PLATFORM
from constructs.stacks.platform import PlatformStack
from constructs.stacks.sources import platform_sources
from constructs.versions.clock import today

ROOT = Path(__file__).resolve().parent
STACKS = (INFRASTRUCTURE, PLATFORM)


def synthesize(environment: Environment, outdir: Path) -> None:
    """Write the stacks of `environment` as Terraform JSON into `outdir`/stacks and prove what must hold of them."""
    sources = platform_sources(environment, os.environ, ROOT, outdir)
    claim(outdir, environment.name)
    app = new_app(outdir)
    infrastructure = InfrastructureStack(app, environment)
    platform = PlatformStack(app, environment, sources)
    platform.add_dependency(infrastructure)
    for stack in (infrastructure, platform):
        configure_backend(stack, environment, ROOT, outdir)
    read_state(platform, infrastructure.node.id, environment, ROOT, outdir)
    app.synth()
    prove(outdir)
    user = sources.user_values
    said = (*warnings(environment, today(os.environ)), *remarks(environment, user.values), *user.warnings)
    for remark in (*said, *platform.warnings):
        print(f"Warning: {remark}", file=sys.stderr)


def main() -> int:
    """Synthesize the environment that AIRFLOW_ENV or AIRFLOW_ENV_FILE names; return the exit code."""
    try:
        file = environment_file(os.environ, ROOT)
        environment = load_environment(file)
        outdir = output_folder(os.environ, environment.name, ROOT)
        providers = locked(file, STACKS, environment.providers.model_dump())
        synthesize(environment, outdir)
        for each in providers:
            each.place(outdir)
    except (EnvironmentFileError, LockFileError, OutputFolderError, ChartError) as mistake:
        print(mistake, file=sys.stderr)
        return 2
    except (ProofError, ComputedValuesError) as defect:
        print(defect, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
