"""`python -m ops lock-providers`, where it can't: what it writes is shown with the real Terraform."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ops.commands.lock_providers import lock
from ops.console.errors import OperationError
from ops.console.output import Output
from ops.environment.operated import load
from ops.frame.session import Session
from programs.own_tools import ROOT


def test_a_refusal_names_the_program(tmp_path: Path) -> None:
    """OpenTofu, where TERRAFORM_BINARY_NAME says so; nothing is written, and it says what to look at."""
    program = tmp_path / "tofu"
    program.write_text("#!/bin/sh\necho 'Error: no registry'\nexit 1\n", encoding="utf-8")
    program.chmod(0o755)
    operated = load({}, env_file=ROOT / "environments" / "dev.yaml")
    chosen = replace(operated, environ={"PATH": f"{tmp_path}:/usr/bin:/bin", "TERRAFORM_BINARY_NAME": "tofu"})
    with pytest.raises(OperationError, match="tofu providers lock ended with exit code 1") as refused:
        lock(Session(chosen, Output()), (), None)
    assert "Nothing was written." in refused.value.message
    assert "--mirror names a folder" in refused.value.fix
