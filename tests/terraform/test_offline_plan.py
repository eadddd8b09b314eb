"""What Terraform and the provider say without any AWS: schema, types, references."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from constructs.checks.synthesized import SynthesizedStack

from tests.terraform.toolchain import Toolchain
from tests.terraform.workspace import PINNED_ADDONS, Workspace, environment_file

#: Nobody listens there: a call to AWS fails instead of reaching anybody.
NOWHERE = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1", "AWS_EC2_METADATA_DISABLED": "true"}

USER_TEXT = "50%{of} ${the} $${text} %%{is} plain"


@pytest.fixture(scope="module", params=["dev", "prod"])
def workspace(
    request: pytest.FixtureRequest, toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory
) -> Workspace:
    """An environment with pinned add-ons and strange text, initialized, with no AWS in reach."""
    folder = tmp_path_factory.mktemp(request.param)
    file = environment_file(
        request.param,
        folder,
        cluster={"addons": PINNED_ADDONS},
        database={"parameters": {"log_line_prefix": USER_TEXT, "max_connections": "200"}},
    )
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    workspace = Workspace(toolchain, folder, file, inherited | NOWHERE, offline=True)
    workspace.synth()
    workspace.init()
    return workspace


@pytest.fixture(scope="module")
def plan(workspace: Workspace) -> dict[str, Any]:
    """The plan of an environment that doesn't exist yet, as JSON."""
    file = workspace.folder / "plan"
    workspace.terraform("plan", "-input=false", f"-out={file}")
    document: dict[str, Any] = json.loads(workspace.terraform("show", "-json", str(file)).stdout)
    return document


class TestOfflinePlan:
    def test_terraform_accepts_the_stack_without_a_warning(self, workspace: Workspace) -> None:
        """`terraform validate` knows every block, argument, type and reference."""
        result = json.loads(workspace.terraform("validate", "-json").stdout)
        assert result["valid"], result
        assert result["diagnostics"] == []

    def test_the_first_plan_needs_no_aws(self, workspace: Workspace, plan: dict[str, Any]) -> None:
        """With pinned add-ons a plan from nothing creates every resource of the stack and asks AWS nothing."""
        # Of what it opens for a moment OpenTofu tells too.
        changes = [change for change in plan["resource_changes"] if change["mode"] != "ephemeral"]
        planned = {change["address"]: change["change"]["actions"] for change in changes}
        stack = SynthesizedStack.read(workspace.stack)
        assert sorted(planned) == [address for address in stack.addresses if not address.startswith("ephemeral.")]
        assert set(map(tuple, planned.values())) == {("create",)}

    def test_user_text_reaches_terraform_as_it_was_written(self, plan: dict[str, Any]) -> None:
        """`${...}` and `%{...}` in the environment file are text to Terraform, never expressions."""
        [group] = [r for r in plan["resource_changes"] if r["address"] == "aws_db_parameter_group.metadata"]
        values = {parameter["name"]: parameter["value"] for parameter in group["change"]["after"]["parameter"]}
        assert values["log_line_prefix"] == USER_TEXT

    def test_parameters_take_effect_as_rds_allows(self, plan: dict[str, Any]) -> None:
        """A parameter that PostgreSQL reads at its start waits for a reboot, any other one is applied at once."""
        [group] = [r for r in plan["resource_changes"] if r["address"] == "aws_db_parameter_group.metadata"]
        methods = {parameter["name"]: parameter["apply_method"] for parameter in group["change"]["after"]["parameter"]}
        assert methods == {
            "log_line_prefix": "immediate",
            "max_connections": "pending-reboot",
            "rds.force_ssl": "immediate",
        }

    def test_the_plan_holds_no_secret(self, plan: dict[str, Any]) -> None:
        """Write-only arguments are null in the plan and ephemeral values are not part of it."""
        after = {change["address"]: change["change"]["after"] for change in plan["resource_changes"]}
        assert after["aws_db_instance.metadata"]["password_wo"] is None
        assert after["aws_db_instance.metadata"]["password"] is None
        versions = [values for address, values in after.items() if "secret_version" in address]
        assert len(versions) == 6
        assert {(version["secret_string"], version["secret_string_wo"]) for version in versions} == {(None, None)}
