"""The stacks of the shipped environments, synthesized once."""

from __future__ import annotations

from pathlib import Path

import constructs.bindings  # noqa: F401  # first: it makes the provider packages cheap to import
import pytest
from constructs.checks.synthesized import SynthesizedStack

from tests.synth.environments import NAMES, read, synthesize_environment


@pytest.fixture(scope="session")
def outdirs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Environment -> its output folder, all synthesized one after the other in this process, as `main.py` does it."""
    root = tmp_path_factory.mktemp("synth")
    return {name: synthesize_environment(name, root / name) for name in NAMES}


@pytest.fixture(scope="session")
def dev(outdirs: dict[str, Path]) -> SynthesizedStack:
    """The infrastructure of `environments/dev.yaml`."""
    return read(outdirs["dev"])


@pytest.fixture(scope="session")
def prod(outdirs: dict[str, Path]) -> SynthesizedStack:
    """The infrastructure of `environments/prod.yaml`."""
    return read(outdirs["prod"])


@pytest.fixture(scope="session", params=NAMES)
def stack(request: pytest.FixtureRequest, outdirs: dict[str, Path]) -> SynthesizedStack:
    """The infrastructure of each shipped environment in turn."""
    return read(outdirs[request.param])


@pytest.fixture(scope="session", params=NAMES)
def platform(request: pytest.FixtureRequest, outdirs: dict[str, Path]) -> SynthesizedStack:
    """The platform of each shipped environment in turn."""
    return read(outdirs[request.param], "platform")
