"""What waits for what, in stacks that are made up."""

from __future__ import annotations

import json
from typing import Any

import pytest
from constructs.checks.order import ORDER, Wait, out_of_order, why
from constructs.checks.synthesized import SynthesizedStack

NODES = Wait("aws_eks_node_group.*", "aws_eks_addon.coredns", "it would time out")


def stack(addon: dict[str, Any] | None, *groups: str) -> SynthesizedStack:
    """A stack with an add-on and node groups."""
    resources: dict[str, Any] = {"aws_eks_node_group": {group: {} for group in groups}}
    if addon is not None:
        resources["aws_eks_addon"] = {"coredns": addon}
    return SynthesizedStack("infrastructure", json.dumps({"resource": resources}))


class TestOutOfOrder:
    def test_everything_that_fits_a_pattern_is_waited_for(self) -> None:
        """Each that is not is said, with what goes wrong."""
        found = list(out_of_order(stack({"depends_on": ["aws_eks_node_group.a"]}, "a", "b"), [NODES]))
        assert found == ["aws_eks_addon.coredns does not wait for aws_eks_node_group.b: it would time out"]

    def test_a_pattern_may_find_nothing(self) -> None:
        """There is nothing to wait for."""
        assert list(out_of_order(stack({}), [NODES])) == []

    def test_what_has_no_pattern_has_to_exist(self) -> None:
        """On either side."""
        assert list(out_of_order(stack(None, "a"), [NODES])) == ["aws_eks_addon.coredns is missing"]

    @pytest.mark.parametrize(("where", "failures"), [("aws_eks_node_group.a", 1), ("aws_eks_node_group.b", 0)])
    def test_some_waits_are_of_some_environments(self, where: str, failures: int) -> None:
        """Of those with something that others haven't."""
        wait = Wait("aws_eks_node_group.a", "aws_eks_addon.coredns", "it would time out", where=where)
        assert len(list(out_of_order(stack({}, "a"), [wait]))) == failures


class TestWhy:
    def test_is_found_by_both_ends(self) -> None:
        """By their addresses, in their stack; None where no rule is."""
        assert (
            why("infrastructure", "aws_eks_node_group.large", "aws_eks_addon.coredns")
            == "it would time out as DEGRADED"
        )
        assert why("infrastructure", "aws_eks_addon.coredns", "aws_eks_node_group.large") is None
        assert why("elsewhere", "aws_eks_node_group.large", "aws_eks_addon.coredns") is None

    def test_is_short_enough_for_a_picture(self) -> None:
        """On a line with an address."""
        assert {wait.why for waits in ORDER.values() for wait in waits if not 10 <= len(wait.why) <= 70} == set()
