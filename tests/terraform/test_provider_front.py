"""Our front of the AWS provider, with which most tests work: what it tells is what the provider tells."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.emulator import Emulator
from tests.terraform.provider_front import used_types, with_used_types
from tests.terraform.toolchain import Toolchain

pytestmark = pytest.mark.slow

MAPS = ("resource_schemas", "data_source_schemas")


def asked(toolchain: Toolchain, folder: Path, environ: dict[str, str], *command: str, cidr: str = "10.0.0.0/16") -> str:
    """What Terraform says of a VPC to a command that asks for JSON."""
    folder.mkdir()
    aws = toolchain.required_providers("infrastructure")["aws"]
    content = {"terraform": {"required_providers": {"aws": aws}}, "resource": {"aws_vpc": {"a": {"cidr_block": cidr}}}}
    (folder / "main.tf.json").write_text(json.dumps(content), encoding="utf-8")
    variables = toolchain.environment(environ, folder)
    options: dict[str, Any] = {"cwd": folder, "env": variables, "capture_output": True, "text": True}
    subprocess.run([toolchain.terraform, "init"], check=True, **options)
    return str(subprocess.run([toolchain.terraform, *command, "-json"], check=False, **options).stdout)


def schemas(toolchain: Toolchain, folder: Path, environ: dict[str, str]) -> dict[str, Any]:
    """What the provider tells Terraform of itself."""
    said = asked(toolchain, folder, environ, "providers", "schema")
    [provider] = json.loads(said)["provider_schemas"].values()
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


def test_what_was_judged_before_is_judged_as_the_provider_does(
    toolchain: Toolchain, shipped: Toolchain, emulator: Emulator, tmp_path: Path
) -> None:
    """Sound or not, a configuration is judged as by the shipped one, the second time by an answer that was kept."""
    if toolchain == shipped:
        pytest.skip("No mirror has the provider unpacked: nothing stands before it.")
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    front = with_used_types(shipped, mirror, tmp_path / "told")

    def judged(by: Toolchain, name: str, cidr: str) -> str:
        return asked(by, tmp_path / name, emulator.environment(), "validate", cidr=cidr)

    sound, unsound = ("10.0.0.0/16", "10.0.0.0")
    first = [judged(front, f"first-{cidr[-2:]}", cidr) for cidr in (sound, unsound)]
    assert first == [judged(shipped, f"shipped-{cidr[-2:]}", cidr) for cidr in (sound, unsound)]
    assert [json.loads(said)["valid"] for said in first] == [True, False]

    configuration = mirror / "front.json"
    gone = {**json.loads(configuration.read_text(encoding="utf-8")), "provider": str(tmp_path / "gone")}
    configuration.write_text(json.dumps(gone), encoding="utf-8")
    assert [judged(front, f"again-{cidr[-2:]}", cidr) for cidr in (sound, unsound)] == first
    assert "plugin" in judged(front, "unknown", "10.7.0.0/16").lower(), (
        "what nobody has asked before needs the provider"
    )
