"""OpenTofu instead of Terraform: kill and recovery, deploy, secrets in no state, destroy; the way to it and back."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.ops.killed import KilledWaves
from tests.ops.operated import AT_ONCE, DEPLOY, Operated, operated
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
    folder, unprotected = tmp_path_factory.mktemp("opentofu"), {"deletion_protection": False}
    with operated(opentofu, folder, state_in_s3=True, database=unprotected) as environment:
        yield KilledWaves(environment)


@pytest.fixture(scope="module")
def deployed(killed: KilledWaves) -> Operated:
    """The same, deployed after the kill."""
    assert killed[0].left == frozenset()
    killed.operated.deploy()
    return killed.operated


def _with_terraform(environment: Operated, toolchain: Toolchain) -> Operated:
    """The same environment, worked on by Terraform."""
    return replace(environment, workspace=replace(environment.workspace, toolchain=toolchain))


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

    def test_terraform_refuses_its_state_until_the_providers_are_renamed(
        self, deployed: Operated, toolchain: Toolchain
    ) -> None:
        """Back to Terraform: each refusal is told in words, and docs/opentofu.md leads to an empty plan."""
        terraform = _with_terraform(deployed, toolchain)
        refused = terraform.ops(*DEPLOY)
        assert refused.returncode == 1
        assert "if the program is another one than before: rm -r cdktf.out/<environment>" in refused.stdout
        shutil.rmtree(terraform.workspace.outdir)
        refused = terraform.ops(*DEPLOY)
        assert refused.returncode == 1
        assert "OpenTofu has written this state" in refused.stdout
        terraform.workspace.terraform("init", "-input=false", "-reconfigure", check=False)
        terraform.workspace.terraform("state", "replace-provider", "-auto-approve", OPENTOFUS, TERRAFORMS)
        terraform.workspace.init()
        assert terraform.workspace.plan().returncode == 0
        assert OPENTOFUS not in terraform.state()
        shutil.rmtree(terraform.workspace.outdir)

    def test_destroy_leaves_nothing(self, deployed: Operated) -> None:
        """All of it goes, what Terraform's names are in the state of, too; secrets are left, and the final snapshot."""
        deployed.done("destroy", "--confirm", "dev", variables=AT_ONCE)
        kinds = {line.removeprefix("eu-west-1 ").partition(" airflow-dev")[0] for line in deployed.inventory()}
        assert kinds <= {"secretsmanager:secret", "rds:snapshot"}, deployed.inventory()
