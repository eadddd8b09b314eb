"""What checkov finds in the plan of the stack `bootstrap`."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.bootstrap.environments import delivered
from tests.security.conftest import NOWHERE
from tests.security.test_checkov import checkov, findings, scan
from tests.terraform.toolchain import Toolchain
from tests.terraform.workspace import OFFLINE_PROVIDER, Workspace

__all__ = ["checkov"]

#: Check and address -> why we live with it.
EXCEPTIONS = {
    ("CKV_AWS_18", "aws_s3_bucket.state"): "Access logs would need a bucket of their own, which the check would report "
    "next; CloudTrail's data events, an account's own choice, say who read a state.",
    ("CKV_AWS_144", "aws_s3_bucket.state"): "An environment lives in one region, and without that region its state is "
    "of no use; versions guard against loss by mistake.",
    ("CKV2_AWS_62", "aws_s3_bucket.state"): "Nobody waits for a state: notifications would go nowhere.",
}


@pytest.fixture(scope="module")
def plan(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first plan of the stack as Terraform's JSON, made without any AWS."""
    folder = tmp_path_factory.mktemp("checked")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    workspace = Workspace(toolchain, folder, delivered(folder), inherited | NOWHERE, name="bootstrap")
    workspace.run("env", f"CDKTF_OUTDIR={workspace.outdir}", "python", "-m", "bootstrap.app")
    override = {
        "terraform": {
            "required_providers": toolchain.required_providers("bootstrap"),
            "backend": {"local": {"path": str(folder / "state")}},
        },
        "provider": {"aws": [OFFLINE_PROVIDER]},
    }
    (workspace.stack / "override.tf.json").write_text(json.dumps(override), encoding="utf-8")
    workspace.init()
    workspace.terraform("plan", "-input=false", f"-out={folder / 'plan'}")
    json_file = folder / "plan.json"
    json_file.write_text(workspace.terraform("show", "-json", str(folder / "plan")).stdout, encoding="utf-8")
    return json_file


@pytest.mark.slow
class TestPlan:
    def test_has_no_finding_without_a_reason(self, checkov: str, plan: Path, tmp_path: Path) -> None:
        """Checkov finds what the list names, no more and no less."""
        report = scan(checkov, plan, tmp_path)
        assert report["summary"]["parsing_errors"] == 0
        assert report["summary"]["passed"] > 50
        assert sorted(findings(report) - set(EXCEPTIONS)) == [], "a finding without a reason"
        assert sorted(set(EXCEPTIONS) - findings(report)) == [], "an exception that is no longer needed"

    def test_a_hole_would_be_found(self, checkov: str, plan: Path, tmp_path: Path) -> None:
        """A bucket that may be public is found: checkov reads this plan."""
        content = json.loads(plan.read_text(encoding="utf-8"))
        for resource in content["planned_values"]["root_module"]["resources"]:
            if resource["address"] == "aws_s3_bucket_public_access_block.state":
                resource["values"]["block_public_policy"] = False
        holed = tmp_path / "holed.json"
        holed.write_text(json.dumps(content), encoding="utf-8")
        new = findings(scan(checkov, holed, tmp_path)) - set(EXCEPTIONS)
        assert "CKV_AWS_54" in {check for check, _ in new}
