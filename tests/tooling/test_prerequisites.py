import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

#: Answers as Python's, to the question that the script asks: version, path.
PYTHON_3_9 = "3.9\n/usr/bin/python3.9"
TERRAFORM_1_11 = "Terraform v1.11.4\non linux_amd64"
AWS_2 = "aws-cli/2.15.0 Python/3.11.6 Linux/6.1 exe/x86_64"

Machine = Callable[..., Path]


@pytest.fixture
def check(checkout: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs prerequisites.sh for the given tools with nothing but `path` on PATH."""

    def run(path: Path, *tools: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["/bin/sh", checkout / "tooling" / "prerequisites.sh", *tools],
            env={"PATH": str(path), **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


Check = Callable[..., subprocess.CompletedProcess[str]]


class TestPrerequisites:
    def test_prints_the_python_to_use_where_nothing_is_missing(self, machine: Machine, check: Check) -> None:
        """A machine with all it takes: exit code 0, no message, and the path of a Python that is executable."""
        result = check(machine(terraform=TERRAFORM_1_11, aws=AWS_2), "terraform", "aws")
        assert (result.returncode, result.stderr) == (0, "")
        assert os.access(result.stdout.strip(), os.X_OK)

    def test_needs_no_terraform_unless_the_target_does(self, machine: Machine, check: Check) -> None:
        """A person who only synthesizes needs neither Terraform nor the AWS CLI."""
        assert check(machine()).returncode == 0

    def test_names_everything_that_is_missing_in_one_message(self, machine: Machine, check: Check) -> None:
        """Four tools missing: one message with all four, each with how to get it, and no traceback."""
        result = check(machine(python3=None, git=None), "terraform", "aws")
        assert result.returncode == 1
        assert result.stdout == ""
        lines = result.stderr.splitlines()
        assert lines[0] == "Nothing was installed yet. This machine lacks:"
        assert [line.split(":")[0].strip(" -") for line in lines[1::2]] == [
            "Python >= 3.11",
            "git",
            "Terraform >= 1.11",
            "AWS CLI v2",
        ]
        assert all(";" in advice for advice in lines[2::2])

    @pytest.mark.parametrize("version", ["1.10.5", "0.15.3", "1.9.0"])
    def test_names_the_version_of_a_terraform_that_is_too_old(
        self, machine: Machine, check: Check, version: str
    ) -> None:
        """An old Terraform is named with its version and its place; minor versions compare as numbers."""
        path = machine(terraform=f"Terraform v{version}\nYour version of Terraform is out of date!")
        result = check(path, "terraform")
        assert result.returncode == 1
        assert f"Terraform >= 1.11: found {version} ({path}/terraform)" in result.stderr

    @pytest.mark.parametrize("version", ["1.11.0", "1.12.0-rc1", "1.100.2", "2.0.0"])
    def test_accepts_newer_terraforms(self, machine: Machine, check: Check, version: str) -> None:
        """From 1.11 on every version will do, pre-releases too."""
        assert check(machine(terraform=f"Terraform v{version}"), "terraform").returncode == 0

    def test_says_so_where_terraform_does_not_tell_its_version(self, machine: Machine, check: Check) -> None:
        """A program of that name that is no Terraform is reported as such, not taken for one."""
        result = check(machine(terraform="hello"), "terraform")
        assert "Terraform >= 1.11: found one that does not tell its version" in result.stderr

    def test_takes_opentofu_where_the_variable_names_it(self, machine: Machine, check: Check) -> None:
        """TERRAFORM_BINARY_NAME=tofu: Terraform need not be there, and OpenTofu's versions count as Terraform's."""
        path = machine(tofu="OpenTofu v1.11.5\non linux_amd64")
        assert check(path, "terraform", TERRAFORM_BINARY_NAME="tofu").returncode == 0
        assert check(path, "terraform", TERRAFORM_BINARY_NAME=str(path / "tofu")).returncode == 0
        assert check(path, "terraform").returncode == 1

    @pytest.mark.parametrize(
        ("tools", "said"),
        [
            ({"tofu": "OpenTofu v1.10.6"}, "OpenTofu >= 1.11: found 1.10.6"),
            ({}, "OpenTofu >= 1.11: not found on PATH (TERRAFORM_BINARY_NAME is tofu)"),
        ],
    )
    def test_names_an_opentofu_that_will_not_do(
        self, machine: Machine, check: Check, tools: dict[str, str], said: str
    ) -> None:
        """Too old or missing it is called by its name, with how to get it and the variable that asked for it."""
        result = check(machine(**tools), "terraform", TERRAFORM_BINARY_NAME="tofu")
        assert result.returncode == 1
        assert said in result.stderr
        assert "opentofu.org/docs/intro/install" in result.stderr
        assert "unset TERRAFORM_BINARY_NAME" in result.stderr

    def test_refuses_the_first_generation_of_the_aws_cli(self, machine: Machine, check: Check) -> None:
        """AWS CLI 1 is too old and is named with its version."""
        result = check(machine(aws="aws-cli/1.45.11 Python/3.11.7"), "aws")
        assert "AWS CLI v2: found 1.45.11" in result.stderr

    def test_names_the_versions_of_pythons_that_are_too_old(self, machine: Machine, check: Check) -> None:
        """Where only old Pythons are found, the message says which."""
        result = check(machine(python3=PYTHON_3_9))
        assert "Python >= 3.11: python3 is 3.9" in result.stderr

    def test_finds_a_newer_python_beside_an_old_one(self, machine: Machine, check: Check) -> None:
        """`python3` may be old where `python3.12` is there."""
        # What it prints stands for the place of the interpreter, and the script then asks that one for its modules.
        path = machine(python3=PYTHON_3_9, python3_12=f"3.12\n{sys.executable}")
        assert check(path).stdout.strip() == sys.executable

    def test_obeys_the_python_that_is_asked_for(self, machine: Machine, check: Check) -> None:
        """PYTHON names the one to use; one that is too old, or none, is an error even where another would do."""
        path = machine(old=PYTHON_3_9)
        too_old = check(path, PYTHON="old")
        assert "Python >= 3.11: PYTHON=old is too old (old is 3.9)" in too_old.stderr
        absent = check(path, PYTHON="absent")
        assert "Python >= 3.11: PYTHON=absent does not run" in absent.stderr

    def test_asks_for_venv_where_python_comes_without(self, machine: Machine, check: Check) -> None:
        """Debian packs venv and ensurepip apart from Python: the package is named."""
        path = machine(python3=None)
        python = path / "python3"
        python.write_text(
            f'#!/bin/sh\ncase "$2" in *ensurepip*) exit 1 ;; esac\nprintf "%s\\n" 3.11 {python}\n',
        )
        python.chmod(0o755)
        result = check(path)
        assert result.returncode == 1
        assert "apt install python3-venv" in result.stderr
