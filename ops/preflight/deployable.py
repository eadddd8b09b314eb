"""`python -m ops.preflight.deployable`: whether the environment can be deployed, asked before anything is.

The file is filled in, and AWS has its zones and EKS takes them, as preflight asks it.

Most placeholders are legal values: a range that is nobody's, a repository that does not exist. They would show after
twenty minutes and a cluster that nobody reaches.
"""

from __future__ import annotations

import programs  # noqa: F401  # first: imports of constructs start Node.js

# isort: split

import os
import sys
from collections.abc import Mapping

from constructs.settings.document.problems import EnvironmentFileError, shown
from constructs.settings.environment import Environment
from constructs.settings.loading.environment_file import load_environment
from constructs.settings.loading.placeholders import placeholders
from constructs.settings.loading.selection import environment_file

from ops.clients.aws import Aws
from ops.preflight.account import check_zones
from ops.preflight.check import Result
from programs.own_tools import ROOT


def objection(environment: Environment, environ: Mapping[str, str]) -> str | None:
    """Return which values are still placeholders; None if there are none, or the endpoint is not AWS's own."""
    left = placeholders(environment)
    if not left or environ.get("AWS_ENDPOINT_URL"):
        return None
    return (
        f"{environment.name} still has placeholders: {', '.join(left)}. Nothing was deployed.\n"
        'Fix: write your own values; docs/first-deploy.md, "Fill in the file", says where to find each.'
    )


def refused_zones(environment: Environment, aws: Aws) -> str | None:
    """Return what AWS says against the region's zones, as preflight asks it; None where it says nothing."""
    problems = [check for check in check_zones(environment, aws) if check.result is Result.PROBLEM]
    said = [f"{check.subject}: {check.detail}.\nFix: {check.fix}" for check in problems]
    return "\n".join([*said, "Nothing was deployed."]) if said else None


def main() -> int:
    """Print the objection, if there is one; return 0 without, 2 with one or with a mistake in the file."""
    try:
        file = environment_file(os.environ, ROOT)
        environment = load_environment(file)
        refused = objection(environment, os.environ)
        if not refused:
            refused = refused_zones(environment, Aws(environment.region, environment.account_id))
    except EnvironmentFileError as mistake:
        refused = str(mistake)
    else:
        refused = refused and f"{shown(file)}: {refused}"
    if refused:
        print(refused, file=sys.stderr)
    return 2 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
