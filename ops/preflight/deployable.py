"""`python -m ops.preflight.deployable STACK...`: whether the stacks can be deployed, asked before `cdktf deploy`.

The file is filled in, AWS has its zones and EKS takes them, as preflight asks it, and nothing goes before what needs
it does.

Most placeholders are legal values: a range that is nobody's, a repository that does not exist. They would show after
twenty minutes and a cluster that nobody reaches.
"""

from __future__ import annotations

import programs  # noqa: F401  # first: imports of constructs start Node.js

# isort: split

import os
import sys
from collections.abc import Collection, Mapping

from constructs.settings.document.problems import shown
from constructs.settings.environment import Environment
from constructs.settings.loading.placeholders import placeholders

from ops.clients.aws import Aws
from ops.console.errors import OperationError
from ops.console.pages import Page
from ops.environment.operated import STACKS, OperatedEnvironment, load
from ops.preflight.account import check_zones
from ops.preflight.check import Result
from ops.recovery.pools import BY_MAKE, require_pools_gone
from ops.state.location import state_location
from ops.state.reading import read_text

INFRASTRUCTURE = STACKS[0]


def objection(environment: Environment, environ: Mapping[str, str]) -> str | None:
    """Return which values are still placeholders; None if there are none, or the endpoint is not AWS's own."""
    left = placeholders(environment)
    if not left or environ.get("AWS_ENDPOINT_URL"):
        return None
    return (
        f"{environment.name} still has placeholders: {', '.join(left)}. Nothing was deployed.\n"
        f"Fix: write your own values; {Page.FILL_IN} says where to find each."
    )


def refused_zones(environment: Environment, aws: Aws) -> str | None:
    """Return what AWS says against the region's zones, as preflight asks it; None where it says nothing."""
    problems = [check for check in check_zones(environment, aws) if check.result is Result.PROBLEM]
    said = [f"{check.subject}: {check.detail}.\nFix: {check.advice}" for check in problems]
    return "\n".join([*said, "Nothing was deployed."]) if said else None


def _require_order(operated: OperatedEnvironment, aws: Aws, stacks: Collection[str]) -> None:
    """Stop where `infrastructure`, which is applied first, would lose what `platform` still needs.

    Raises:
        OperationError: as `require_pools_gone`, or the state of infrastructure can't be read.
    """
    if INFRASTRUCTURE in stacks and not operated.environment.cluster.node_pools:
        recorded = read_text(state_location(operated, INFRASTRUCTURE), aws)[0]
        require_pools_gone(operated, aws, recorded, deploy=BY_MAKE)


def main(stacks: Collection[str] = STACKS) -> int:
    """Print the objection, if there is one; return 0 without, 2 with one or with a mistake in the file."""
    try:
        operated = load(os.environ)
        environment = operated.environment
        aws = Aws(environment.region, environment.account_id)
        refused = objection(environment, os.environ) or refused_zones(environment, aws)
        refused = refused and f"{shown(operated.file)}: {refused}"
        if not refused:
            _require_order(operated, aws, stacks)
    except OperationError as problem:
        refused = str(problem)
    if refused:
        print(refused, file=sys.stderr)
    return 2 if refused else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or STACKS))
