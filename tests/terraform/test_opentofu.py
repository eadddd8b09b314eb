"""OpenTofu instead of Terraform: a kill and its recovery, a deploy, and secrets in no state."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.ops.killed import KilledWaves
from tests.ops.operated import Operated, operated
from tests.security.secret_scan import leaks
from tests.terraform.account import secret_values
from tests.terraform.toolchain import Toolchain

pytestmark = pytest.mark.slow

TERRAFORMS, OPENTOFUS = "registry.terraform.io/hashicorp/aws", "registry.opentofu.org/hashicorp/aws"


@pytest.fixture(scope="module")
def opentofu(shipped: Toolchain) -> Toolchain:
    """OpenTofu (the variable OPENTOFU names it, or it is on PATH as `tofu`), with the provider as shipped."""
    found = shutil.which(os.environ.get("OPENTOFU") or "tofu")
    if not found:
        pytest.skip("OpenTofu is not on PATH, and OPENTOFU names none. From source it takes a quarter of an hour.")
    return replace(shipped, terraform=found)


@pytest.fixture(scope="module")
def killed(opentofu: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KilledWaves]:
    """The environment dev, worked on by OpenTofu; its deploy is killed at the first creating calls, and recovered."""
    with operated(opentofu, tmp_path_factory.mktemp("opentofu"), state_in_s3=True) as environment:
        yield KilledWaves(environment)


@pytest.fixture(scope="module")
def deployed(killed: KilledWaves) -> Operated:
    """The same, deployed after the kill."""
    assert killed[0].left == frozenset()
    killed.operated.deploy()
    return killed.operated


class TestOpenTofu:
    def test_a_killed_deploy_is_recovered(self, killed: KilledWaves) -> None:
        """What it leaves unrecorded is found and imported; a deploy before that is refused (3)."""
        recovered = killed[0]
        assert recovered.held <= recovered.unrecorded
        assert recovered.deploy[0] == 3, recovered.deploy[1]
        assert recovered.recover[0] == 0, recovered.recover[1]

    def test_the_next_plan_is_empty(self, deployed: Operated) -> None:
        """A deploy after the recovery comes to its end, and OpenTofu wrote the state."""
        assert deployed.workspace.plan().returncode == 0
        assert OPENTOFUS in deployed.state()
        assert TERRAFORMS not in deployed.state()

    def test_no_secret_is_in_state_or_plan(self, deployed: Operated) -> None:
        """Neither holds the value of one, in any encoding; the values are there to be found."""
        values, workspace = secret_values(deployed.aws), deployed.workspace
        assert len(values) >= 6
        plan = workspace.folder / "again"
        workspace.terraform("plan", "-input=false", f"-out={plan}")
        texts = {"state": deployed.state(), "plan": workspace.terraform("show", "-json", str(plan)).stdout}
        assert leaks(values, texts) == []
