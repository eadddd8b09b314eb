"""Our front of the AWS provider, with which most tests work: what it tells is what the provider tells."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.emulator import Emulator
from tests.terraform.provider_front import used_types
from tests.terraform.toolchain import Toolchain

pytestmark = pytest.mark.slow

MAPS = ("resource_schemas", "data_source_schemas")


def schemas(toolchain: Toolchain, folder: Path, environ: dict[str, str]) -> dict[str, Any]:
    """What the provider tells Terraform of itself."""
    folder.mkdir()
    aws = toolchain.required_providers("infrastructure")["aws"]
    required = {"terraform": {"required_providers": {"aws": aws}}}
    (folder / "main.tf.json").write_text(json.dumps(required), encoding="utf-8")
    variables = toolchain.environment(environ, folder)

    def terraform(*command: str) -> str:
        started = [toolchain.terraform, *command]
        return subprocess.run(started, cwd=folder, env=variables, capture_output=True, text=True, check=True).stdout

    terraform("init")
    [provider] = json.loads(terraform("providers", "schema", "-json"))["provider_schemas"].values()
    assert isinstance(provider, dict)
    return provider


def test_each_used_type_is_as_shipped_and_no_other_is_told(
    toolchain: Toolchain, shipped: Toolchain, emulator: Emulator, tmp_path: Path
) -> None:
    """Arguments, types, versions and functions are the provider's own, of every type that the program uses."""
    if toolchain == shipped:
        pytest.skip("No mirror has the provider unpacked: nothing stands before it.")
    reduced = schemas(toolchain, tmp_path / "reduced", emulator.environment())
    whole = schemas(shipped, tmp_path / "whole", emulator.environment())
    used = used_types()
    for name in MAPS:
        assert len(reduced[name]) > 3
        assert reduced[name] == {known: schema for known, schema in whole[name].items() if known in used}
    assert {name: told for name, told in reduced.items() if name not in MAPS} == {
        name: told for name, told in whole.items() if name not in MAPS
    }
