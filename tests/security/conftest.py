"""What the security tests look at: the stacks, their plans, and an account with their roles."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from constructs.checks.synthesized import SynthesizedStack

from tests.emulator import Emulator
from tests.security.role_account import RoleAccount
from tests.synth.conftest import dev, outdirs, stack  # noqa: F401  # fixtures
from tests.synth.environments import NAMES
from tests.terraform.conftest import shipped, toolchain  # noqa: F401  # fixtures
from tests.terraform.toolchain import Toolchain
from tests.terraform.workspace import PINNED_ADDONS, Workspace, environment_file

#: Nobody listens there: a call to AWS fails instead of reaching anybody.
NOWHERE = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1", "AWS_EC2_METADATA_DISABLED": "true"}


@dataclass(frozen=True)
class Planned:
    """The first plan of an environment."""

    environment: str
    json_file: Path
    """What `terraform show -json` says."""

    text: str
    """What `terraform plan` prints."""

    stack: SynthesizedStack


@pytest.fixture(scope="session", params=NAMES)
def planned(
    request: pytest.FixtureRequest,
    toolchain: Toolchain,  # noqa: F811  # the fixture above
    tmp_path_factory: pytest.TempPathFactory,
) -> Planned:
    """The plan of each shipped environment from nothing, made without any AWS."""
    folder = tmp_path_factory.mktemp(f"plan-{request.param}")
    file = environment_file(request.param, folder, cluster={"addons": PINNED_ADDONS})
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    workspace = Workspace(toolchain, folder, file, inherited | NOWHERE, offline=True)
    workspace.synth()
    workspace.init()
    text = workspace.terraform("plan", "-input=false", f"-out={folder / 'plan'}").stdout
    json_file = folder / "plan.json"
    json_file.write_text(workspace.terraform("show", "-json", str(folder / "plan")).stdout, encoding="utf-8")
    return Planned(request.param, json_file, text, SynthesizedStack.read(workspace.stack))


@pytest.fixture(scope="module")
def account(dev: SynthesizedStack) -> Iterator[RoleAccount]:  # noqa: F811  # the fixture above
    """A local account with the roles of the environment dev, one for each file of tests."""
    with Emulator() as aws:
        yield RoleAccount(aws, dev)
