"""`python -m ops.deployable`: whether the environment file is filled in, asked before anything is deployed to AWS.

Most placeholders are legal values: a range that is nobody's, a repository that does not exist. They would show after
twenty minutes and a cluster that nobody reaches.
"""

from __future__ import annotations

import programs  # noqa: F401  # first: imports of constructs start Node.js

# isort: split

import os
import sys
from collections.abc import Mapping

from constructs.settings import Environment, EnvironmentFileError, environment_file, load_environment, placeholders
from constructs.settings.problems import shown

from ops.destroyable import ROOT


def objection(environment: Environment, environ: Mapping[str, str]) -> str | None:
    """Return which values are still placeholders; None if there are none, or the endpoint is not AWS's own."""
    left = placeholders(environment)
    if not left or environ.get("AWS_ENDPOINT_URL"):
        return None
    return (
        f"{environment.name} still has placeholders: {', '.join(left)}. Nothing was deployed.\n"
        'Fix: write your own values; README.md, "Fill in the file", says where to find each.'
    )


def main() -> int:
    """Print the objection, if there is one; return 0 without, 2 with one or with a mistake in the file."""
    try:
        file = environment_file(os.environ, ROOT)
        refused = objection(load_environment(file), os.environ)
    except EnvironmentFileError as mistake:
        refused = str(mistake)
    else:
        refused = refused and f"{shown(file)}: {refused}"
    if refused:
        print(refused, file=sys.stderr)
    return 2 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
