"""`python -m ops.destruction.destroyable`: whether the environment may be destroyed, asked before anything is.

Terraform would destroy all that doesn't depend on the database, secrets among it, before RDS refuses to delete that.
"""

from __future__ import annotations

import programs  # noqa: F401  # first: imports of constructs start Node.js

# isort: split

import os
import sys
from pathlib import Path

from constructs.settings.document.problems import EnvironmentFileError
from constructs.settings.environment import Environment
from constructs.settings.loading.environment_file import load_environment
from constructs.settings.loading.selection import environment_file

ROOT = Path(__file__).resolve().parents[2]


def objection(environment: Environment) -> str | None:
    """Return why `environment` may not be destroyed and what to do about it; None if it may."""
    protections = {
        "database.deletion_protection": environment.database.deletion_protection,
        "cluster.deletion_protection": environment.cluster.deletion_protection,
    }
    key = next((key for key, protects in protections.items() if protects), None)
    if key is None:
        return _of_pools(environment)
    return (
        f"{environment.name} is protected: {key} is true. Nothing was destroyed.\n"
        "Fix: set it to false in the environment file, `make deploy`, then `make destroy` again."
    )


def _of_pools(environment: Environment) -> str | None:
    """Nodes that Karpenter has started are in no state: `ops destroy` alone waits for them when it is run again."""
    if not environment.cluster.node_pools:
        return None
    return (
        f"{environment.name} has cluster.node_pools, and their nodes are in no state. Nothing was destroyed.\n"
        "Fix: `make ops COMMAND=destroy`, which waits until the last one is gone, however often it is stopped."
    )


def main() -> int:
    """Print the objection, if there is one; return 0 without, 2 with one or with a mistake in the file."""
    try:
        refused = objection(load_environment(environment_file(os.environ, ROOT)))
    except EnvironmentFileError as mistake:
        refused = str(mistake)
    if refused:
        print(refused, file=sys.stderr)
    return 2 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
