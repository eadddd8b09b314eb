"""Addresses and outputs change by decision only."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.synth.environments import NAMES, STACKS, read
from tests.synth.freeze import address_lines, addresses_file, frozen, output_lines, outputs_file

ADDRESS_RULE = (
    "An address that changes makes Terraform destroy the object and create another one, the database and its data "
    "included, unless a `moved` block goes with it. If that is decided: python -m tests.synth.freeze"
)
OUTPUT_RULE = (
    "Outputs are the contract with `platform` and with people's scripts; one that goes or is renamed breaks them. "
    "If that is decided: python -m tests.synth.freeze"
)


def _difference(committed: list[str], now: list[str]) -> str:
    gone = [f"- {line}" for line in committed if line not in now]
    new = [f"+ {line}" for line in now if line not in committed]
    return "\n".join([*gone, *new])


class TestFrozenLists:
    @pytest.mark.parametrize("stack", STACKS)
    @pytest.mark.parametrize("name", NAMES)
    def test_addresses(self, outdirs: dict[str, Path], name: str, stack: str) -> None:
        """Every resource keeps the address that states in use know it by."""
        file = addresses_file(name, stack)
        committed, now = frozen(file), address_lines(read(outdirs[name], stack))
        assert committed == now, f"{file.name}\n{_difference(committed, now)}\n{ADDRESS_RULE}"

    @pytest.mark.parametrize("stack", STACKS)
    @pytest.mark.parametrize("name", NAMES)
    def test_outputs(self, outdirs: dict[str, Path], name: str, stack: str) -> None:
        """Every output keeps its name and says what it is, in all environments the same."""
        file = outputs_file(stack)
        committed, now = frozen(file), output_lines(read(outdirs[name], stack))
        assert committed == now, f"{file.name}\n{_difference(committed, now)}\n{OUTPUT_RULE}"

    @pytest.mark.parametrize("stack", STACKS)
    @pytest.mark.parametrize("name", NAMES)
    def test_addresses_are_for_people(self, name: str, stack: str) -> None:
        """No address has CDKTF's hash or path in it."""
        for address in frozen(addresses_file(name, stack)):
            own = address.rpartition(".")[2]
            assert own == own.lower() or own.startswith(("role_", "user_", "policy_")), address
            assert "__" not in own, address

    def test_a_difference_is_named(self) -> None:
        """The failure shows what went and what came."""
        assert _difference(["aws_vpc.a", "aws_vpc.b"], ["aws_vpc.b", "aws_vpc.c"]) == "- aws_vpc.a\n+ aws_vpc.c"
