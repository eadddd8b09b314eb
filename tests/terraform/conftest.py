"""Terraform, cdktf and the local AWS endpoint, shared by the tests of this folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.availability import unavailable
from tests.emulator import Emulator
from tests.terraform.account import prepare_account
from tests.terraform.provider_front import with_used_types
from tests.terraform.toolchain import ROOT, MissingToolError, Toolchain


@pytest.fixture(scope="session")
def shipped() -> Toolchain:
    """Terraform and its provider as shipped; where one is missing the test is skipped with the reason."""
    if not (ROOT / "node_modules" / ".bin" / "cdktf").exists():
        unavailable("cdktf is not installed in node_modules/: `make setup` installs it.")
    try:
        return Toolchain.find(os.environ)
    except MissingToolError as missing:
        unavailable(str(missing))


@pytest.fixture(scope="session")
def toolchain(shipped: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Toolchain:
    """The same, but for the types that the program doesn't use: of those the provider does not tell Terraform.

    Its schema, what it says of a configuration before it is configured itself, and what is synthesized are kept for all
    tests of a run, whichever process they run in.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    reduced = with_used_types(shipped, tmp_path_factory.mktemp("provider"), shared / "provider-told")
    return replace(reduced, synthesized=shared / "synthesized")


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An AWS account per file of tests, empty but for the role that the environment files call an administrator."""
    with Emulator(log=tmp_path_factory.mktemp("emulator") / "calls.jsonl") as aws:
        prepare_account(aws)
        yield aws
