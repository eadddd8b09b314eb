"""What the real Terraform says to files with every setting that there is."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings

from tests.availability import unavailable
from tests.property.environment_files import valid_files
from tests.property.mistakes import yaml_text
from tests.property.place import Values
from tests.property.profiles import LENGTH, MARKS, PROFILE
from tests.property.program import Program
from tests.terraform.toolchain import MissingToolError, Toolchain

pytestmark = [*MARKS, pytest.mark.slow]


class Validator:
    """A folder with the provider installed, in which one stack after the other is validated."""

    def __init__(self, toolchain: Toolchain, folder: Path) -> None:
        self._toolchain = toolchain
        self._environ = toolchain.environment(os.environ, folder)
        self._folder = folder / "stack"
        self._folder.mkdir()
        override = {"terraform": {"required_providers": toolchain.required_providers("infrastructure")}}
        (self._folder / "override.tf.json").write_text(json.dumps(override), encoding="utf-8")

    def diagnostics(self, stack: Path) -> list[object]:
        """Errors and warnings of `terraform validate`."""
        shutil.copy(stack, self._folder)
        if not (self._folder / ".terraform").exists():
            self._run("init", "-backend=false", "-input=false")
        found: list[object] = json.loads(self._run("validate", "-json"))["diagnostics"]
        return found

    def _run(self, *command: str) -> str:
        done = subprocess.run(
            [self._toolchain.terraform, f"-chdir={self._folder}", *command],
            env=self._environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0 or command[0] == "validate", done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def validator(tmp_path_factory: pytest.TempPathFactory) -> Validator:
    """Terraform and its provider; where one is missing the test is skipped with the reason."""
    try:
        toolchain = Toolchain.find(os.environ)
    except MissingToolError as missing:
        unavailable(str(missing))
    return Validator(toolchain, tmp_path_factory.mktemp("validate"))


class TestAllSettings:
    def test_are_valid_terraform(self, program: Program, validator: Validator, tmp_path: Path) -> None:
        """With every setting used Terraform finds no error and nothing to warn of."""
        file = tmp_path / "file.yaml"

        @settings(PROFILE, max_examples=LENGTH.validated)
        @given(values=valid_files(everything=True))
        def each(values: Values) -> None:
            outdir = tmp_path / "out"
            shutil.rmtree(outdir, ignore_errors=True)
            file.write_text(yaml_text(values), encoding="utf-8")
            outcome = program.run(file, outdir)
            assert outcome.exit_code == 0, outcome
            assert validator.diagnostics(outdir / "stacks" / "infrastructure" / "cdk.tf.json") == []

        each()
