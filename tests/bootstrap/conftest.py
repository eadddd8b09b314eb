"""The stack `bootstrap`, synthesized once, and Terraform as in tests/terraform."""

from __future__ import annotations

import constructs.bindings  # noqa: F401  # first: it makes the provider packages cheap to import
import pytest
from constructs.checks.synthesized import SynthesizedStack

from tests.bootstrap.environments import bootstrap_stack, delivered
from tests.terraform.conftest import shipped, toolchain

__all__ = ["shipped", "toolchain"]


@pytest.fixture(scope="session")
def bootstrap(tmp_path_factory: pytest.TempPathFactory) -> SynthesizedStack:
    """The stack of prod.yaml with the smallest section `delivery`."""
    folder = tmp_path_factory.mktemp("bootstrap")
    return bootstrap_stack(delivered(folder), folder / "out")
