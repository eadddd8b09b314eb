"""`python -m tests.unit.ops.record_plans`: records the plans that the tests of the comment read, into plans/.

Real plans of Terraform's for environments/dev.yaml on the local AWS endpoint, less what no reader of ours looks at
(configuration, former state, values of what doesn't change). Recorded again they differ in random ids and times alone.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from tests.emulator import Emulator
from tests.terraform.account import prepare_account
from tests.terraform.evolving import Evolving
from tests.terraform.toolchain import Toolchain
from tests.terraform.workspace import Workspace, environment_file

FOLDER = Path(__file__).parent / "plans"

KEPT = ("format_version", "terraform_version", "resource_changes", "resource_drift", "output_changes", "errored")


def trimmed(plan: dict[str, Any]) -> dict[str, Any]:
    """Return the plan without what is not read."""
    kept = {key: value for key, value in plan.items() if key in KEPT}
    for resource in kept.get("resource_changes", []):
        if resource["change"]["actions"] == ["no-op"]:
            resource["change"] = {"actions": ["no-op"]}
    kept["output_changes"] = {
        name: {"actions": change["actions"]} for name, change in kept.get("output_changes", {}).items()
    }
    return kept


def stack(workspace: Workspace) -> dict[str, Any]:
    """Return of the stack's JSON what is read beside a plan."""
    document = json.loads((workspace.stack / "cdk.tf.json").read_text(encoding="utf-8"))
    return {key: document[key] for key in ("provider", "resource")}


def record(name: str, workspace: Workspace) -> None:
    """Plan and write plans/<name>.json, and plans/<name>.stack.json with what was planned."""
    file = workspace.folder / "recorded.tfplan"
    workspace.terraform("plan", "-input=false", f"-out={file}")
    plan = json.loads(workspace.terraform("show", "-json", str(file)).stdout)
    text = json.dumps(trimmed(plan), indent=1, sort_keys=True)
    (FOLDER / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")
    if name != "no-change":  # nothing is looked up for what doesn't change
        text = json.dumps(stack(workspace), indent=1, sort_keys=True)
        (FOLDER / f"{name}.stack.json").write_text(f"{text}\n", encoding="utf-8")


def main() -> None:
    """Record all of them, in a minute or two."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, Emulator(log=Path(scratch) / "calls.jsonl") as aws:
        prepare_account(aws)
        folder = Path(scratch)
        workspace = Workspace(Toolchain.find(os.environ), folder, environment_file("dev", folder), aws.environment())
        environment = Evolving(workspace)
        workspace.synth()
        workspace.init()
        record("first-deploy", workspace)
        environment.planned()
        environment.apply()
        record("no-change", workspace)
        environment.edit(
            network={"database_vpc_cidr": "10.9.0.0/24"},
            database={"allow_replacement": True},
            cluster={"log_retention_days": 30},
        )
        record("database-replaced", workspace)


if __name__ == "__main__":
    main()
