"""What checkov finds in the plans of the shipped environments."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.availability import unavailable
from tests.security.conftest import Planned
from tests.terraform.toolchain import ROOT

EXCEPTIONS = Path(__file__).parent / "checkov_exceptions.yaml"
Findings = set[tuple[str, str]]


@pytest.fixture(scope="module")
def checkov() -> str:
    """The program: what `make test` installs into .tools/checkov, or else one on PATH."""
    places = [str(ROOT / ".tools" / "checkov" / "bin"), os.environ.get("PATH", os.defpath)]
    program = shutil.which("checkov", path=os.pathsep.join(places))
    if program is None:
        unavailable("checkov is neither in .tools/checkov (`make test` installs it) nor on PATH.")
    return program


def scan(checkov: str, plan: Path, folder: Path) -> dict[str, Any]:
    """Checkov's report on a plan; no argument or variable of the caller's changes what it checks."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    command = [checkov, "--framework", "terraform_plan", "--file", str(plan), "--output", "json"]
    # --skip-download: it would ask its vendor for links to explanations. No configuration is read from `folder`.
    done = subprocess.run(
        [*command, "--skip-download", "--soft-fail", "--quiet"],
        cwd=folder,
        env=inherited | {"LOG_LEVEL": "ERROR", "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def findings(report: dict[str, Any]) -> Findings:
    """Check and address of everything that failed."""
    return {(failed["check_id"], failed["resource"]) for failed in report["results"]["failed_checks"]}


def exceptions(environment: str) -> Findings:
    """Check and address of what the list takes out."""
    listed = yaml.safe_load(EXCEPTIONS.read_text(encoding="utf-8"))
    return {(check, address) for check, entry in listed.items() for address in entry.get(environment, [])}


@pytest.mark.slow
class TestPlans:
    def test_have_no_finding_without_a_reason(self, checkov: str, planned: Planned, tmp_path: Path) -> None:
        """Checkov finds what the list names, no more and, so that the list only shrinks, no less."""
        report = scan(checkov, planned.json_file, tmp_path)
        found, listed = findings(report), exceptions(planned.environment)
        assert report["summary"]["parsing_errors"] == 0
        assert report["summary"]["passed"] > 150
        assert sorted(found - listed) == [], "a finding without a reason"
        assert sorted(listed - found) == [], "an exception that is no longer needed"

    def test_a_hole_would_be_found(self, checkov: str, planned: Planned, tmp_path: Path) -> None:
        """A public and unencrypted database and nodes that accept IMDSv1 are found: checkov reads our plans."""
        plan = json.loads(planned.json_file.read_text(encoding="utf-8"))
        for resource in plan["planned_values"]["root_module"]["resources"]:
            if resource["address"] == "aws_db_instance.metadata":
                resource["values"].update(publicly_accessible=True, storage_encrypted=False)
            if resource["address"] == "aws_launch_template.default":
                resource["values"]["metadata_options"][0]["http_tokens"] = "optional"
        holed = tmp_path / "holed.json"
        holed.write_text(json.dumps(plan), encoding="utf-8")
        new = findings(scan(checkov, holed, tmp_path)) - exceptions(planned.environment)
        assert new == {
            ("CKV_AWS_16", "aws_db_instance.metadata"),
            ("CKV_AWS_17", "aws_db_instance.metadata"),
            ("CKV_AWS_79", "aws_launch_template.default"),
        }


class TestExceptions:
    def test_have_a_reason_each(self) -> None:
        """Every entry says what is checked, why it doesn't hold, and where."""
        for check, entry in yaml.safe_load(EXCEPTIONS.read_text(encoding="utf-8")).items():
            assert set(entry) <= {"check", "reason", "dev", "prod"}, check
            assert len(entry["reason"].split()) > 10, check
            assert entry.get("dev") or entry.get("prod"), check
