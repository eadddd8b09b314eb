"""On CDK Terrain, the living fork of CDKTF, the program writes the same stacks: a rename, an edit and pins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.availability import unavailable
from tests.synth.environments import NAMES, STACKS, read
from tests.synth.freeze import address_lines, addresses_file, frozen, output_lines, outputs_file
from tests.synth.moved import moved_program, synthesize_moved
from tooling.install import CDKTN, EXTRA_STEPS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Environment -> output folder, written by a moved copy of the program on CDK Terrain."""
    if not EXTRA_STEPS["cdktn"].is_complete():
        unavailable(f"CDK Terrain is not in {CDKTN}: `make test` installs it.")
    folder = tmp_path_factory.mktemp("moved")
    program, outdirs = moved_program(folder / "program"), {}
    for name in NAMES:
        outdirs[name] = folder / name
        done = synthesize_moved(program, name, outdirs[name])
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
        assert "Warning" not in done.stderr, done.stderr
    return outdirs


def _meaning(document: dict[str, Any]) -> dict[str, Any]:
    """What a stack's JSON asks of Terraform, without places of states and notes of the generator's."""
    content = {key: value for key, value in document.items() if key not in {"//", "terraform"}}
    terraform = document["terraform"]
    content["terraform"] = {key: value for key, value in terraform.items() if key != "backend"}
    for state in content.get("data", {}).get("terraform_remote_state", {}).values():
        state.pop("config")
    # One block or a list of one block: the same to Terraform.
    for namespace in content.get("resource", {}).get("kubernetes_namespace_v1", {}).values():
        if isinstance(namespace["metadata"], list):
            [namespace["metadata"]] = namespace["metadata"]
    return content


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("name", NAMES)
class TestMoved:
    def test_addresses_and_outputs_are_those_that_are_frozen(
        self, moved: dict[str, Path], name: str, stack: str
    ) -> None:
        """A state that CDKTF's JSON has made is the state of CDK Terrain's: no address moves, no output is renamed."""
        written = read(moved[name], stack)
        assert address_lines(written) == frozen(addresses_file(name, stack))
        assert output_lines(written) == frozen(outputs_file(stack))

    def test_arguments_are_the_same(
        self, moved: dict[str, Path], outdirs: dict[str, Path], name: str, stack: str
    ) -> None:
        """Every argument of every block, provider and output is the same, the providers' versions too."""
        assert _meaning(read(moved[name], stack).document) == _meaning(read(outdirs[name], stack).document)
