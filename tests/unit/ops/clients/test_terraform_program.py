"""Terraform or OpenTofu, by TERRAFORM_BINARY_NAME."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.clients.terraform_program import TerraformProgram
from ops.console.errors import OperationError
from ops.console.exit_codes import ExitCode
from ops.preflight.check import Result
from ops.preflight.tools import check_tool, tools
from ops.stack_clients.terraform import Terraform

TERRAFORM, OPENTOFU = "echo Terraform v1.11.4", "echo OpenTofu v1.11.5"


def machine(folder: Path, **programs: str) -> dict[str, str]:
    """Variables whose PATH has the programs."""
    for name, script in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    return {"PATH": f"{folder}:/bin:/usr/bin"}


class TestChosen:
    @pytest.mark.parametrize(
        ("variable", "title", "registry"),
        [
            ({}, "Terraform", "registry.terraform.io"),
            ({"TERRAFORM_BINARY_NAME": ""}, "Terraform", "registry.terraform.io"),
            ({"TERRAFORM_BINARY_NAME": "/opt/tofu/bin/terraform-1.12"}, "Terraform", "registry.terraform.io"),
            ({"TERRAFORM_BINARY_NAME": "tofu"}, "OpenTofu", "registry.opentofu.org"),
            ({"TERRAFORM_BINARY_NAME": "/opt/terraform/opentofu"}, "OpenTofu", "registry.opentofu.org"),
        ],
    )
    def test_by_the_variable(self, variable: dict[str, str], title: str, registry: str) -> None:
        """Unset or empty it is Terraform; a program whose own name says tofu is OpenTofu, wherever it lies."""
        chosen = TerraformProgram.chosen(variable)
        assert (chosen.title, chosen.registry) == (title, registry)

    def test_is_found_by_name_and_by_path(self, tmp_path: Path) -> None:
        """As cdktf takes it."""
        environ, path = machine(tmp_path, tofu=OPENTOFU), str(tmp_path / "tofu")
        assert TerraformProgram("tofu").find(environ) == path
        assert TerraformProgram(path).find({"PATH": ""}) == path

    def test_missing_is_a_mistake_with_a_way_out(self, tmp_path: Path) -> None:
        """The message names the program that was asked for, and by which variable."""
        with pytest.raises(
            OperationError, match=r"OpenTofu is not on PATH \(TERRAFORM_BINARY_NAME is tofu\)"
        ) as caught:
            TerraformProgram("tofu").find({"PATH": str(tmp_path)})
        assert caught.value.exit_code is ExitCode.MISTAKE
        assert "unset TERRAFORM_BINARY_NAME" in caught.value.fix


class TestStacks:
    def test_are_worked_on_by_it(self, tmp_path: Path) -> None:
        """What ops runs in a stack's folder is that program, and an error of it has its name."""
        (tmp_path / "cdk.tf.json").write_text("{}", encoding="utf-8")
        environ = machine(tmp_path, tofu="echo $0 $1; exit 1", terraform="exit 3") | {"TERRAFORM_BINARY_NAME": "tofu"}
        with pytest.raises(OperationError, match="tofu validate ended with exit code 1") as caught:
            Terraform(tmp_path, environ).run("validate")
        assert f"{tmp_path}/tofu -chdir={tmp_path}" in caught.value.message


class TestPreflight:
    def test_looks_at_the_program_that_will_be_used(self, tmp_path: Path) -> None:
        """With the variable OpenTofu's version counts, and Terraform may be missing."""
        environ = machine(tmp_path, tofu=OPENTOFU) | {"TERRAFORM_BINARY_NAME": str(tmp_path / "tofu")}
        tool = tools(environ)[0]
        checked = check_tool(tool, environ)
        assert (tool.name, checked.result, checked.detail) == ("tofu", Result.OK, "1.11.5")

    def test_without_the_variable_it_is_terraform(self, tmp_path: Path) -> None:
        """As ever."""
        environ = machine(tmp_path, terraform=TERRAFORM, tofu=OPENTOFU)
        tool = tools(environ)[0]
        assert (tool.name, check_tool(tool, environ).detail) == ("terraform", "1.11.4")

    def test_too_old_says_why_and_what_to_do(self, tmp_path: Path) -> None:
        """Write-only arguments are of 1.11 in OpenTofu, too."""
        environ = machine(tmp_path, tofu="echo OpenTofu v1.10.6") | {"TERRAFORM_BINARY_NAME": "tofu"}
        checked = check_tool(tools(environ)[0], environ)
        assert checked.detail.startswith("1.10.6 is older than 1.11.0")
        assert "install OpenTofu 1.11 or newer" in checked.fix
